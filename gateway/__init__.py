"""The GraphQL gateway: answers from the two services over REST, and owns no data."""
