"""Hypothesis strategies for addresses of media that lead where nothing may be fetched from."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

SERVER = "127.7.7.7"
"""Of the server of media on this machine, the only address that counts as public here."""

PRIVATE = (
    *("127.0.0.1", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
    *("0.0.0.0", "224.0.0.1", "255.255.255.255", "198.18.0.1", "192.0.2.1"),  # noqa: S104 - nothing is bound
    *("::1", "::", "fe80::1", "fd00::1", "ff02::1", "::ffff:10.0.0.1", "::127.0.0.1"),
    *("64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1", "2002:7f00:1::", "2002:a9fe:a9fe::1"),
    *("2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1", "fec0::1"),
    *("fe80::1%eth0", "2606:4700::1111%lo"),
)
"""Addresses that are not public, as a resolver may answer them."""

SPELT = (
    *("127.0.0.1", "127.1", "0", "0.0.0.0", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1"),  # noqa: S104 - nothing is bound
    *("017700000001", "127.0.0.1.", "１２７.0.0.1", "①②⑦.⓪.⓪.①", "%31%32%37.0.0.1", "127。0。0。1"),
    *("169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518"),
    *("[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:a9fe:a9fe]"),
    *("[2002:7f00:1::]", "[64:ff9b::7f00:1]", "[fe80::1%25eth0]", "[fe80::1%eth0]", "[::1%25lo]"),
    *("[fd00::1]", "[::127.0.0.1]", "localhost", "LOCALHOST", "localhost.", "[broken", "999.1.1.1"),
)
"""Hosts of a URL that mean such addresses, in every notation that some parser takes."""

TRICKS = (
    *("https://media.test@{0}/a", "https://media.test:443@{0}/a", "https://{0}#@media.test/a"),
    *("https://{0}\\@media.test/a", "https://media.test%00.{0}/a", "https://{0}?@media.test/"),
    *("https:///{0}/a", "https://{0}:443/a", "https://{0}:0/a", "https://{0}:99999/a"),
    *("https://{0}/a", "HTTPS://{0}/a", "https://user:secret@{0}/a", "https:\t//{0}/a"),
)
"""Where in a URL the host may hide."""

PATHS = (
    *("/slow", "/drip"),
    *("/a.png", "/endless", "/compressed", "/loop", "/status/404", "/status/500", "/status/204")
    * 4,
)
"""What the server on this machine does badly, and one thing that it does well. To be patient with
slow ones takes the most time of all, so they are few."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One address, and what the world looks like when it is asked for."""

    url: str
    """``{port}`` stands for the server's."""
    answers: tuple[str, ...]
    """Of the resolver, one after the other: the last one from then on."""
    allowed: tuple[str, ...] = ("media.test", "other.test")


hosts = st.sampled_from(SPELT)
targets = st.one_of(
    st.builds(str.format, st.sampled_from(TRICKS), hosts),
    st.sampled_from(
        [
            *("http://media.test/a", "file:///etc/passwd", "gopher://media.test/", "//[::1]/a"),
            *("ftp://media.test/a", "data:image/png;base64,AAAA", "https://other.test:{port}/a"),
            *("javascript:alert(1)", "https://[broken/", "", "https://elsewhere.test/a", "/a.png"),
        ]
    ),
    st.text(max_size=30),
)
private = st.sampled_from(PRIVATE)


@st.composite
def attempts(draw: st.DrawFn) -> Attempt:
    """By name, by notation, by redirect, by an answer that changes, by a server that drips."""
    kind = draw(st.sampled_from(["name", "spelt", "redirect", "rebinding", "server"]))
    answers = tuple(draw(st.lists(private, min_size=1, max_size=3)))
    if kind == "name":
        return Attempt("https://media.test:{port}/a.png", answers)
    if kind == "spelt":
        url = draw(targets)
        # An operator may have listed the host as well: even then.
        listed = draw(st.sampled_from([(), ("127.1", "2130706433", "0x7f000001", "localhost")]))
        return Attempt(url, answers, ("media.test", *listed))
    if kind == "redirect":
        target = draw(targets).replace("&", "%26").replace("#", "%23").replace("+", "%2B")
        return Attempt("https://media.test:{port}/redirect?to=" + target, (SERVER, *answers))
    if kind == "rebinding":
        return Attempt("https://media.test:{port}/redirect?to=/a.png", (SERVER, *answers))
    path = draw(st.sampled_from(PATHS))
    return Attempt("https://media.test:{port}" + path, (SERVER,))
