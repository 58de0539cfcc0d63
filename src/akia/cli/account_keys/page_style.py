"""How the report looks: in light and dark, on paper, and on a narrow screen."""

STYLE = """
:root { --ground: #f7f8fa; --sheet: #ffffff; --ink: #1d2430; --soft: #5a6475; --line: #dfe3ea; --good: #2f8f6b; --low: #7b8798;
  --medium: #b07a00; --high: #c8501e; --critical: #b3123f; --badge: #ffffff; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #12161d; --sheet: #1a2029; --ink: #e6eaf1; --soft: #9aa5b6; --line: #2d3643; --good: #4fbf93; --low: #94a1b5;
    --medium: #e0ab3b; --high: #f0875a; --critical: #ff6f91; --badge: #12161d; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.5rem 4rem; max-width: 90rem; background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2.5rem 0 .6rem; }
header p, section > p { color: var(--soft); margin: .2rem 0 .8rem; }
.tiles { display: flex; flex-wrap: wrap; gap: .8rem; list-style: none; padding: 0; margin: 1.2rem 0; }
.tile { background: var(--sheet); border: 1px solid var(--line); border-radius: 8px; padding: .6rem 1.2rem; color: var(--soft); }
.tile b { display: block; font-size: 1.7rem; line-height: 1.2; color: var(--ink); } .tile.urgent b { color: var(--critical); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: .8rem; }
figure { margin: 0; padding: 1rem 1.2rem; background: var(--sheet); border: 1px solid var(--line); border-radius: 8px; }
figcaption { font-weight: 600; margin-bottom: .6rem; }
svg { width: 100%; height: auto; display: block; } svg text { font-size: 13px; fill: var(--ink); }
rect.good { fill: var(--good); } rect.low { fill: var(--low); } rect.medium { fill: var(--medium); }
rect.high { fill: var(--high); } rect.critical { fill: var(--critical); }
.scroll { overflow-x: auto; background: var(--sheet); border: 1px solid var(--line); border-radius: 8px; }
table { border-collapse: collapse; width: 100%; font-size: .88rem; }
th, td { text-align: left; vertical-align: top; padding: .5rem .8rem; border-bottom: 1px solid var(--line); overflow-wrap: break-word; }
th { color: var(--soft); font-weight: 600; white-space: nowrap; } tbody tr:last-child td { border-bottom: 0; }
code { font: .92em ui-monospace, monospace; overflow-wrap: anywhere; user-select: all; }
.command span { display: inline-block; max-width: 100%; } td .command { display: block; min-width: 24rem; }
td code:not(.command) { white-space: nowrap; }
.badge { display: inline-block; border-radius: 4px; padding: 0 .45rem; color: var(--badge); background: var(--low);
  white-space: nowrap; font-size: .85em; }
.badge.medium { background: var(--medium); } .badge.high { background: var(--high); } .badge.critical { background: var(--critical); }
@media (max-width: 50rem) {
  thead { display: none; } tr { display: block; padding: .6rem 0; border-bottom: 1px solid var(--line); } tr:last-child { border: 0; }
  td { display: block; position: relative; padding: .15rem .8rem .15rem 8rem; border: 0; overflow-wrap: anywhere; }
  td::before { content: attr(data-name); position: absolute; left: .8rem; color: var(--soft); }
  td:empty { display: none; } td .command { min-width: 0; }
}
@media print { body { max-width: none; padding: 0; } .scroll { overflow: visible; border: 0; } tr, figure { break-inside: avoid; } }
"""
