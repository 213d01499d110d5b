"""What the parameters and bodies of the REST API mean, by name, as its OpenAPI document says."""

from rest.openapi import Word

WORDS = {
    "quote_id": Word("Which quote.", 12),
    "quote": Word("Of which quotes: up to 100 ids, with commas between.", "12,15"),
    "user": Word("Of which user.", 7),
    "users": Word("Of which users, for `per_user`: ids with commas between.", "7,8"),
    "per_quote": Word("How many likes of each of `quote`, in place of `limit`.", 20),
    "per_user": Word("How many likes of each of `users`, in place of `limit`.", 20),
    "Idempotency-Key": Word("Has a request that is sent again done once.", "draft-4711"),
    "quotes": Word("Of which quotes to publish the counts.", [12, 15]),
}
