"""The GraphQL gateway: it reads and writes over REST, and owns no data."""
