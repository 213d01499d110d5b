"""Who the caller is: verifies the tokens that Quotes signs, without asking it."""
