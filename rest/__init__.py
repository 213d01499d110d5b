"""What the REST edges of both services share: problems, strict parsing, callers, keyset pages."""
