/** The style of the page; part of it, because the page stands alone. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fbfbf9; --card: #ffffff; --ink: #1d2126; --soft: #5d6670; --line: #e1e3e0;
  --bar: #2f6f8f; --warn: #b4530a; --warn-paper: #fdf1e3;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #15181b; --card: #1d2125; --ink: #e6e8ea; --soft: #9aa4ad; --line: #30363c;
    --bar: #5ba3c4; --warn: #f0a457; --warn-paper: #33261a;
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
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 8px; background: var(--card); }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .45rem .75rem; border-bottom: 1px solid var(--line); }
tr:last-child > td { border-bottom: 0; }
thead th { font-size: .85rem; font-weight: 600; color: var(--soft); white-space: nowrap; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.name { font-weight: 600; overflow-wrap: anywhere; min-width: 11rem; }
td.name .version { font-weight: 400; color: var(--soft); }
td.licence { min-width: 9rem; overflow-wrap: anywhere; }
td.notes { min-width: 14rem; overflow-wrap: anywhere; }
td code { font-size: .82rem; color: var(--soft); }
.note { color: var(--soft); }
.mark { display: inline-block; border-radius: 4px; padding: 0 .4rem; background: var(--warn-paper); color: var(--warn); font-size: .85rem; white-space: nowrap; }
.problem { color: var(--warn); }
ul { margin: 0; padding-left: 1.2rem; }
@media (max-width: 40rem) { .tiles { grid-template-columns: repeat(2, 1fr); } }
@media print { body { padding: 0; } .scroll { border: 0; } }
`
