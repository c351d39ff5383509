/** The style of the page; part of it, because the page stands alone. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fbfbf9; --card: #ffffff; --ink: #1d2126; --soft: #5d6670; --line: #e1e3e0;
  --bar: #2f6f8f; --shade: #0003; --warn: #b4530a; --warn-paper: #fdf1e3;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15181b; --card: #1d2125; --ink: #e6e8ea; --soft: #9aa4ad; --line: #30363c;
    --bar: #5ba3c4; --shade: #000a; --warn: #f0a457; --warn-paper: #33261a;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; padding: 2.5rem 1.25rem 4rem; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif;
}
main { max-width: 70rem; margin: 0 auto; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 .35rem; letter-spacing: -.01em; }
h2 { font-size: 1.15rem; margin: 2.5rem 0 .75rem; }
p { margin: 0 0 .5rem; }
.soft { color: var(--soft); overflow-wrap: anywhere; }
.tiles { display: grid; grid-template-columns: repeat(4, 1fr); gap: .75rem; margin: 1.5rem 0 0; padding: 0; }
.tiles div { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .8rem 1rem; }
.tiles dt { color: var(--soft); font-size: .85rem; }
.tiles dd { margin: 0; font-size: 1.4rem; font-weight: 600; font-variant-numeric: tabular-nums; white-space: nowrap; }
.tiles .attention dd { color: var(--warn); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 1rem 1.25rem; }
.chart { display: block; overflow: hidden; }
.chart text { font-size: 14px; fill: var(--ink); }
.chart .count { text-anchor: end; fill: var(--soft); font-variant-numeric: tabular-nums; }
.chart .track { fill: var(--line); opacity: .6; }
.chart .bar { fill: var(--bar); }
.chart .flagged { fill: var(--warn); }
/* Shadows at the edges behind which there is more; covers of the card's colour move over them when there is not. */
.scroll {
  overflow-x: auto; border: 1px solid var(--line); border-radius: 8px;
  background:
    linear-gradient(to right, var(--card) 40%, transparent) 0 0 / 3rem 100% no-repeat local,
    linear-gradient(to left, var(--card) 40%, transparent) 100% 0 / 3rem 100% no-repeat local,
    linear-gradient(to right, var(--shade), transparent) 0 0 / .9rem 100% no-repeat scroll,
    linear-gradient(to left, var(--shade), transparent) 100% 0 / .9rem 100% no-repeat scroll,
    var(--card);
}
.sideways { display: none; color: var(--soft); font-size: .85rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .45rem .75rem; border-bottom: 1px solid var(--line); }
tr:last-child > td { border-bottom: 0; }
thead th { font-size: .85rem; font-weight: 600; color: var(--soft); white-space: nowrap; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.name { font-weight: 600; overflow-wrap: anywhere; min-width: 11rem; }
.plain { list-style: none; padding: 0; columns: 22rem; overflow-wrap: anywhere; }
.version { font-weight: 400; color: var(--soft); }
td.licence { min-width: 9rem; overflow-wrap: anywhere; }
td.notes { min-width: 14rem; overflow-wrap: anywhere; }
td code { font-size: .82rem; color: var(--soft); }
.note { color: var(--soft); }
.mark { display: inline-block; border-radius: 4px; padding: 0 .4rem; background: var(--warn-paper); color: var(--warn); font-size: .85rem; white-space: nowrap; }
.problem { color: var(--warn); }
ul { margin: 0; padding-left: 1.2rem; }
@media (max-width: 40rem) {
  body { padding: 1.5rem .75rem 3rem; }
  .tiles { grid-template-columns: repeat(2, 1fr); }
  .sideways { display: block; }
  th, td { padding: .4rem .5rem; }
  td.name { min-width: 8.5rem; }
  td.licence { min-width: 6.5rem; }
}
@media print { body { padding: 0; } .scroll { border: 0; } }
`
