"""A request whose files are closed with it, whatever became of its form."""

from typing import IO, Any

from flask import Request


class FormRequest(Request):
    """Flask's request, which closes the files of a form that was read to its end; this one closes all that it opened.

    A form that is cut off, or has too many parts, would leave its files to the garbage collector.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._opened: list[IO[bytes]] = []

    def _get_file_stream(self, *args: Any, **kwargs: Any) -> IO[bytes]:
        stream = super()._get_file_stream(*args, **kwargs)
        self._opened.append(stream)
        return stream

    def close(self) -> None:
        """Close the files; Flask calls it when the request is over."""
        super().close()
        for stream in self._opened:
            stream.close()
