"""Templates of mails with their styles on each element, since mail programs drop style sheets.

That is done once a template. A mail is only filled in.
"""

import re

import css_inline

_EXPRESSIONS = re.compile(r"<title>.*?</title>|\{[%#].*?[%#]\}|\{\{.*?\}\}", re.DOTALL)
_HIDDEN = re.compile(r"<!--(\d+)-->|__(\d+)__")
_INLINER = css_inline.CSSInliner(keep_style_tags=False, load_remote_stylesheets=False)


def styled(source: str, style: str) -> str:
    """Return the source of a template with the declarations of a style sheet on its elements.

    Args:
        source: its elements are whole: none begins in one branch and ends in another.
        style: its selectors name elements and classes of this one template.
    """
    hidden: list[str] = []

    def hide(found: re.Match[str]) -> str:
        hidden.append(found[0])
        # A comment may stand between the rows of a table, where text may not.
        return f"__{len(hidden) - 1}__" if found[0].startswith("{{") else f"<!--{len(hidden) - 1}-->"

    html = _EXPRESSIONS.sub(hide, source)
    if "<html" in html:
        html = _INLINER.inline(html.replace("</head>", f"<style>{style}</style></head>"))
    else:
        html = _INLINER.inline_fragment(html, style)
    return _HIDDEN.sub(lambda found: hidden[int(found[1] or found[2])], html)
