"""The part of a page between two markers, made anew: what every script that renders results does."""


def between(page: str, begin: str, end: str, content: str, name: str = "the page") -> str:
    """The page with this content between its markers.

    Raises
    ------
    ValueError
        When the page lacks a marker.
    """
    head, begun, rest = page.partition(begin)
    _, ended, tail = rest.partition(end)
    if not (begun and ended):
        raise ValueError(f"{name} needs the two markers {begin} and {end}")
    return f"{head}{begin}\n\n{content}\n{end}{tail}"
