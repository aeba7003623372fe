"""Links, images, bare addresses, footnotes, lists: what Markdown becomes, apart from the specification."""

from __future__ import annotations

from typing import Any

import pytest

from streamnb.markdown.parser import new_parser
from tests.markdown.reading import read

PNG = "data:image/png;base64,iVBORw0KGgo="


def render(text: str, **options: Any) -> str:
    return str(new_parser(**options).render(text))


@pytest.mark.parametrize(
    "address",
    ["https://example.org/a?b=c#d", "http://localhost:8888/", "mailto:a@b.org", "notes.md", "/a", "?a=b"],
)
def test_a_link_to_the_web_to_mail_or_to_a_path_opens_elsewhere_and_shows_its_address(address: str) -> None:
    page = read(render(f"[words]({address})"))
    assert page.values("href") == [address]
    assert page.values("title") == [address]
    assert page.values("rel") == ["noopener noreferrer nofollow"]
    assert page.values("target") == ["_blank"]


def test_a_link_within_the_page_stays_in_it() -> None:
    page = read(render("[words](#part)"))
    assert page.values("href") == ["#part"]
    assert page.values("target") == []


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java&#10;script:alert(1)",
        "data:text/html,x",
        PNG,
        "vscode://file/x",
        "ms-word:x",
        "file:///etc/passwd",
        "blob:https://example.org/x",
        "//evil.example",
        "\\\\\\\\evil.example",
        "/\\\\evil.example",
        "http:evil.example",
        "https:///evil.example",
        "https:\\\\\\\\evil.example",
        "ftp://example.org",
        "https://exa%00mple.org",
        "https://example.org:99999",
    ],
)
def test_a_link_to_anything_else_is_dropped_and_keeps_its_text(address: str) -> None:
    for text in (f"[*words*]({address})", f"[*words*][r]\n\n[r]: {address}"):
        page = read(render(text))
        assert "a" not in page.tags
        assert page.words == "words"
        assert page.tags[1:3] == ["span", "em"]


def test_a_title_does_not_hide_the_address() -> None:
    page = read(render('[words](https://evil.example "https://good.example")'))
    assert page.values("title") == ["https://good.example (https://evil.example)"]


def test_an_angle_bracket_that_is_no_link_loses_no_character() -> None:
    assert read(render("a <std::string> b")).text.strip() == "a <std::string> b"


def test_a_link_inside_a_link_is_only_text() -> None:
    page = read(render("[a <https://a.example>](https://b.example)"))
    assert page.values("href") == ["https://b.example"]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("see www.example.org/a_b, or", "http://www.example.org/a_b"),
        ("(https://example.org/a_(b))", "https://example.org/a_(b)"),
        ("[https://example.org/a]", "https://example.org/a"),
        ("**https://example.org/**", "https://example.org/"),
        ("https://example.org/?a=b&amp;", "https://example.org/?a=b"),
        ("见https://example.org/a，然后", "https://example.org/a"),
        ("mail a.b+c@example.org.", "mailto:a.b+c@example.org"),
        ("mailto:a@example.org", "mailto:a@example.org"),
        ("HTTPS://example.org", "HTTPS://example.org"),
    ],
)
def test_a_bare_address_becomes_a_link_without_what_ends_the_sentence(text: str, address: str) -> None:
    page = read(render(text))
    assert page.values("href") == [address]
    assert page.words == "".join(read(text.replace("**", "").replace("<", "")).text.split())


@pytest.mark.parametrize(
    "text", ["xhttp://a.b", "www.", "awww.example.org", "a@b", "a@b.c-", "http://", "http://_a_", "ftp://a.b"]
)
def test_what_is_no_address_stays_text(text: str) -> None:
    assert "a" not in read(render(text)).tags


def test_an_image_in_the_text_is_shown() -> None:
    page = read(render(f"![words *here*]({PNG})"))
    assert page.values("src") == [PNG]
    assert page.values("alt") == ["words here"]


@pytest.mark.parametrize("text", ["![words](%s)", "![words][r]\n\n[r]: <%s>", "![words]\n\n[words]: %s"])
def test_a_remote_image_is_a_placeholder_that_names_its_host(text: str) -> None:
    address = "https://evil.example/a.png?secret"
    page = read(render(text % address))
    assert "img" not in page.tags
    assert page.text.strip() == "Image: words (evil.example)"
    assert page.values("data-snb-src") == [address]


@pytest.mark.parametrize(
    "address",
    [
        "data:image/svg+xml;base64,AAAA",
        "data:text/html;base64,AAAA",
        "javascript:x",
        "//evil.example/a",
        "a.png",
    ],
)
def test_an_image_that_no_click_may_load_carries_no_address(address: str) -> None:
    page = read(render(f"![words]({address})"))
    assert "img" not in page.tags
    assert page.values("data-snb-src") == []
    assert "words" in page.text


def test_images_may_be_shown_never_or_always() -> None:
    text = "![a](https://a.example/x.png) ![b](https://b.c.example/x.png) ![d](http://a.example/x.png)"
    never = read(render(text, images="never"))
    assert "img" not in never.tags
    assert not any("x.png" in value for _, _, value in never.attributes)
    always = read(render(text, images="always"))
    assert always.values("src") == ["https://a.example/x.png", "https://b.c.example/x.png"]
    assert set(always.values("referrerpolicy")) == {"no-referrer"}
    assert set(always.values("loading")) == {"lazy"}


def test_footnotes_have_no_id_that_another_answer_of_the_page_could_have() -> None:
    page = read(render("a[^x] b[^x]\n\n[^x]: note"))
    assert page.values("id") == []
    assert page.values("href") == ["#snb-note-1", "#snb-note-1", "#snb-ref-1", "#snb-ref-1-2"]
    assert page.values("data-snb-note") == ["1"]


def test_task_lists_are_boxes_that_cannot_be_ticked() -> None:
    page = read(render("- [ ] a\n- [x] b"))
    assert page.tags.count("input") == 2
    assert len(page.values("disabled")) == 2
    assert len(page.values("checked")) == 1


@pytest.mark.parametrize(
    "text",
    [">" * 5000 + " end", "- " * 2000 + "end", "![" * 2000 + "end" + "](a)" * 2000, "[" * 5000 + "end"],
)
def test_what_is_nested_too_deep_is_not_lost(text: str) -> None:
    assert "end" in read(render(text)).text


def test_the_same_text_gives_the_same_html_whatever_was_rendered_before() -> None:
    parser = new_parser()
    text = "a[^1] [b] $x$ ![i](https://a.example)\n\n[^1]: n\n\n[b]: /c"
    first = parser.render(text)
    parser.render("[^1] [b]\n\n[b]: /other\n\n```py\n")
    assert parser.render(text) == first == new_parser().render(text)


@pytest.mark.parametrize(
    "text",
    ["[^1]: note\n\n" + "[^" * 20_000, "_www.a_b" * 20_000, "[" * 50_000, "![a" * 20_000, "$a\\" * 20_000],
)
@pytest.mark.timeout(30)
def test_no_row_of_beginnings_takes_ages(text: str) -> None:
    assert new_parser().render(text)


def test_a_label_or_a_host_of_no_sane_length_is_text() -> None:
    long = "a" * 1_000
    assert "<sup" not in new_parser().render(f"x[^{long}]\n\n[^{long}]: note\n")
    assert "<sup" in new_parser().render(f"x[^{long[:-1]}]\n\n[^{long[:-1]}]: note\n")
    assert "<a" not in new_parser().render(f"http://{long}.org")
