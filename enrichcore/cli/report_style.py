"""How the page of a report looks, in a light and a dark room and on paper."""

from typing import Final

_HEAT = "".join(
    f"table.heat td.heat{n}{{background:color-mix(in srgb,var(--hit) {6 * n}%,transparent)}}" for n in range(11)
)

STYLE: Final = (
    """
:root{color-scheme:light dark;--page:#fbfbfa;--ink:#1d2329;--soft:#5b6670;--line:#dfe3e6;--track:#eef0f2;
--hit:#2f8f5b;--miss:#a9b3bb;--rejected:#d99a1c;--error:#c4473a;--all:#5f7f9e;--blue:#3d6fb0;--light:#9dbbe0}
@media (prefers-color-scheme:dark){:root{--page:#15191d;--ink:#e6eaed;--soft:#9aa6b0;--line:#2f373e;--track:#20272d;
--hit:#4bb37b;--miss:#5d6871;--rejected:#e0ab45;--error:#e06a5c;--all:#7d9cba;--blue:#6d9bd8;--light:#3d5d86}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:60rem;margin:0 auto;padding:2rem 1rem 3rem}
h1{font-size:1.7rem;line-height:1.2;margin:0 0 .3rem;overflow-wrap:anywhere}
h2{font-size:1.15rem;margin:0 0 .4rem}
p{margin:.2rem 0 .8rem;max-width:46rem}
p.sub,footer,section>p{color:var(--soft);overflow-wrap:anywhere}
section{border-top:1px solid var(--line);padding-top:1.2rem;margin-top:1.8rem}
footer{border-top:1px solid var(--line);margin-top:2rem;padding-top:1rem;font-size:.85rem}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(10rem,1fr));gap:.8rem;margin:1.2rem 0}
.tiles div{border:1px solid var(--line);border-radius:.5rem;padding:.7rem .9rem}
dt{color:var(--soft);font-size:.85rem}
dd{margin:0;font-size:1.45rem;font-variant-numeric:tabular-nums}
small{display:block;font-size:.8rem;color:var(--soft)}
.scroll{overflow-x:auto}
svg{display:block;width:100%;min-width:40rem;height:auto;font:14px system-ui,sans-serif}
svg text{fill:var(--ink)}
svg .tick{fill:var(--soft);font-size:12px}
svg .figure{font-variant-numeric:tabular-nums}
.grid{stroke:var(--line)}
.join{stroke:var(--soft);stroke-dasharray:2 3}
.track{fill:var(--track)}
.hit{fill:var(--hit);background:var(--hit)}
.miss,.none{fill:var(--miss);background:var(--miss)}
.rejected,.open{fill:var(--rejected);background:var(--rejected)}
.error{fill:var(--error);background:var(--error)}
.all{fill:var(--all);background:var(--all)}
.rescued,.p50,.cost{fill:var(--blue);background:var(--blue)}
.first,.p90{fill:var(--light);background:var(--light)}
.both,.p99{fill:var(--miss);background:var(--miss)}
.legend{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;list-style:none;margin:.2rem 0;padding:0;font-size:.9rem}
.mark{display:inline-block;width:.8em;height:.8em;border-radius:.15em;margin-right:.45em}
table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums;margin:.6rem 0}
th,td{padding:.3rem .9rem .3rem 0;text-align:right;border-bottom:1px solid var(--line);vertical-align:top}
th{font-weight:500;color:var(--soft)}
th[scope=row]{color:var(--ink)}
tr>:first-child{text-align:left}
td:last-child{padding-right:.3rem}
details table{margin-bottom:0}
summary{cursor:pointer;color:var(--soft);font-size:.9rem}
table.heat td,table.heat th{padding:.4rem .8rem;text-align:center}
table.heat tr>:first-child{text-align:left}
"""
    + _HEAT
    + """
@media print{details>*{display:block}section{break-inside:avoid}}
"""
)
