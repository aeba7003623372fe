"""One answer that holds every kind of Markdown we render, in several scripts, and what can stand beside it."""

from __future__ import annotations

__all__ = ["EVERYTHING"]

EVERYTHING = r"""# How rain falls 🌧️

It is **water** that *falls*, ~~up~~ down, as `rain()` says; see [the sky](https://example.org/sky "A title")
and https://example.org/auto for more. It costs $5 and $6, and $e^{i\pi} + 1 = 0$ stays true.

## Lists, nested

1. first
   - an inner point
   - another, with `code`
     1. deeper
     2. still deeper
2. second

   with a paragraph of its own
3. third

- [x] a task that is done
- [ ] one that is not, with $x^2$

* loose

* list

### A table

| kind | drops | a long column that has a lot to say about what it is |
|:-----|------:|:----:|
| mist | 3 | `few` |
| storm | 1,024 | **many** |
| 雨 | 七 | 日本語 |

| a | b | c | d | e | f | g | h | i | j | k | l |
|---|---|---|---|---|---|---|---|---|---|---|---|
| 1000000 | 2000000 | 3000000 | 4000000 | 5000000 | 6000000 | 7000000 | 8000000 | 9000000 | 10000000 | 11000000 | 12000000 |

### Code

```python
@decorated
class Cloud(Exception):  # a comment
    drops = 3.5 + len(f"{None}\n")

    def rain(self, a_long_name_for_a_parameter: int = 1, another_long_name: str = "a long string, longer than a line is wide") -> None:
        return self.drops * 2 if True else None
```

```html
<p class="x">&amp;</p>
```

```diff
-gone
+new
```

```console
$ echo $HOME
```

    indented code, plain

> Into each life
> some rain must fall.
>
> > A quote in a quote, with a list:
> >
> > - here

#### Formulas

$$
\begin{aligned} a &= b + c \\ &= \frac{d}{e} \end{aligned}
$$

$$f(x) = \begin{cases} 1 & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases}$$

$$\begin{pmatrix} a & b \\ c & d \end{pmatrix} \quad \boxed{E = mc^2} \quad \cancel{x} \quad \operatorname{rank} A$$

A formula that cannot be read: $\frac{a}{$ and one that defines: $\def\alpha{X} \alpha$.

##### Other scripts

日本語の文章は、単語の間に空白がありません。**強調**も*斜体*も使えます。中文也是一样。한국어는 띄어쓰기가 있습니다.

مرحبا بالعالم، هذا نص **عربي** مع `code` وكلمة English في الوسط.

שלום עולם: טקסט בעברית, עם [קישור](https://example.org/he).

- عنصر أول
- عنصر ثان

Emoji: 👩‍👩‍👧‍👦 🏳️‍🌈 🇩🇪 👍🏽 and a letter with a mark: é ñ; mathematical 𝒜 and an astral 𠮷.

###### Notes

A footnote[^1], another[^long], and a picture: ![a cloud](https://example.org/cloud.png)

[^1]: The note.
[^long]: A longer note, with **strong** words and `code`.

A line<br>of raw HTML & an entity &copy; &lt;script&gt;.

---

The end.
"""
