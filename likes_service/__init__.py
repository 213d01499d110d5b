"""Likes: who likes which quote."""
