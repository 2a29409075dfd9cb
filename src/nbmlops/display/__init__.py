"""What domain rooms show themselves with; knows no domain object.

- `markup`: `tag`, `join`, `link`, `classes`, `Markup` - escaped HTML and SVG
- `theme`: `scoped` (one output), `page` (a file), `folded` (the twin of a widget)
- `table`: `table`, `definitions`, `details`, `fold`, `tally`, `pill`, `status`,
  `mark`, `code`, `hidden`
- `svg`: `forest`, `distance`, `histogram`, `lines`, `ticks`
- `numbers`: metric values, differences, intervals, p-values, sizes, ages as text
- `text`: `text_table`, `shorten`, `clean` - for terminals

Whatever is drawn is also said in words, because an untrusted notebook keeps tables
and `<details>` but loses `<svg>`, `<style>`, style=, role and aria.
"""
