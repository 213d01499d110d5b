"""Set-up of the product: what `make run` and `make test` do. Not part of what is deployed."""
