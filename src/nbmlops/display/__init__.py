"""What domain rooms show themselves with; knows no domain object.

- `markup`: `tag`, `join`, `link`, `classes`, `Markup` - escaped HTML and SVG
- `theme`: `scoped` (one output), `page` (a file), `folded` (the twin of a widget);
  the style itself is `theme.css`
- `table`: `table`, `definitions`, `details`, `fold`, `folds`, `tally`, `pill`,
  `pills`, `status`, `judged`, `shape`, `mark`, `code`, `command`, `unbroken`, `hidden`,
  `listed`, `words`, `more`; a table is cut to what an output may hold
- drawings: `points` (`forest`, `distance`), `bars` (`histogram`, `strip`), `curves`
  (`lines`)
- `svg`: what they are made of: `picture`, `path`, `label_at`, `ticks`, `root`, `along`
- `numbers`: `places`, `fixed`, `signed`, `interval`, `column`, `number`, `percent`,
  `p_value`, `count`, `amount`, `size`, `duration`, `age`, `moment`
- `text`: `text_table`, `clean`, `shorten`, `middle_shorten`, `width_of`, `sparkline`,
  `counted` - for terminals

Whatever is drawn is also said in words, because an untrusted notebook keeps tables
and `<details>` but loses `<svg>`, `<style>`, style=, role and aria.
"""
