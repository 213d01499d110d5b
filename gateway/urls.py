"""The gateway's addresses."""

urlpatterns: list = []
