"""Decoding what the services send, by its shape."""

from typing import Any, TypeVar, get_args, get_type_hints

import msgspec
import structlog

from gateway.upstream import shapes

T = TypeVar("T")
logger = structlog.get_logger(__name__)

# All are made here, by the one thread that imports: when two threads make some at once, msgspec
# may read a shape that is half made, which ends the process.
_DECODERS: dict[object, Any] = {
    shape: msgspec.json.Decoder(shape)
    for shape in vars(shapes).values()
    if isinstance(shape, type) and issubclass(shape, msgspec.Struct)
}
_ANYTHING = msgspec.json.Decoder()
_ITEMS: dict[object, Any] = {
    shape: get_args(hints["items"])[0]
    for shape in _DECODERS
    if "items" in (hints := get_type_hints(shape, include_extras=True))
}


def decode(content: bytes, shape: type[T]) -> T:
    """Return what JSON says, of that shape. Raise `msgspec.DecodeError` if it isn't of it.

    Of a list, the items that are not of theirs are left out and logged, unless none is left.
    """
    decoder: msgspec.json.Decoder[T] = _DECODERS[shape]
    try:
        return decoder.decode(content)
    except msgspec.ValidationError as error:
        return decoder.decode(_without_broken_items(content, shape, error))


def _without_broken_items(content: bytes, shape: object, error: msgspec.ValidationError) -> bytes:
    try:
        whole = _ANYTHING.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise error from None
    items = whole.get("items") if isinstance(whole, dict) else None
    if shape not in _ITEMS or not isinstance(items, list):
        raise error
    kept: list[object] = []
    broken: list[object] = []
    for item in items:
        (kept if _is_of(item, _ITEMS[shape]) else broken).append(item)
    if not kept or not broken:
        raise error
    ids = [each.get("id") for each in broken if isinstance(each, dict)]
    logger.error("upstream_rows_left_out", rows=len(broken), ids=ids, reason=str(error))
    return msgspec.json.encode({**whole, "items": kept})


def _is_of(item: object, shape: object) -> bool:
    try:
        _DECODERS[shape].decode(msgspec.json.encode(item))
    except msgspec.ValidationError:
        return False
    return True
