"""What the parameters and bodies of the REST API mean, by name, as its OpenAPI document says."""

from rest.openapi import Word

_TIME = "2026-11-27T06:20:00.000000Z"
WORDS = {
    "id": Word("Those of these ids alone: up to 100, with commas between.", "12,15"),
    "quote_id": Word("Which quote.", 12),
    "user_id": Word("Which user.", 7),
    "title": Word("The quote's text.", "Simplify, simplify."),
    "author": Word("Who said it: the whole name; null if nobody knows.", "Henry David Thoreau"),
    "order": Word("In which order.", "most_liked"),
    "search": Word("Only quotes whose text or author holds this text.", "simplify"),
    "created_by": Word("Only quotes that this user wrote here.", 7),
    "created_after": Word("Only quotes that were written at that time or later.", _TIME),
    "created_before": Word("Only quotes that were written before that time.", _TIME),
    "creators": Word("Of which users, for `per_creator`: ids with commas between.", "7,8"),
    "per_creator": Word("How many quotes of each of `creators`, in place of `limit`.", 20),
    "after_events": Word(
        "Ids of events of Likes, with commas between: `applied_events` says which are counted.",
        "0190b0a5-7d0c-7c3e-8a4e-6f1f1f1f1f1f",
    ),
    "Idempotency-Key": Word("Makes one quote of a request that is sent again.", "draft-4711"),
    "If-Match": Word("Only if the quote has one of these entity tags, or `*`.", '"3"'),
    "username": Word("The name that somebody logs in with.", "demo"),
    "password": Word("The password of the account.", "wise-words-2026"),
    "old_password": Word("The password until now.", "wise-words-2026"),
    "new_password": Word("The password from now on.", "wiser-words-2027"),
    "refresh_token": Word("The last refresh token of the session.", "q3J0m9…"),
    "device_token": Word("What an earlier login on this device gave.", "q3J0m9…"),
    "session_id": Word("Which session.", 3),
    "email": Word("Shown to nobody but the user and staff.", "demo@example.com"),
}
