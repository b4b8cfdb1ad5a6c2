/// The one style sheet, which stands in every page. The policy of the pages allows it by its hash and nothing
/// else.
package enum StyleSheet {
  /// SHA-256 of `css` in Base64; a test says what it must be when the style changes.
  package static let hash = "VoIL82LJNTXY6yXSco4BwD4E+SWE5BGjM5z1bxDAW+c="

  /// Blue and orange are told apart by nearly everybody; every text has a contrast of 4.5 to 1 or more.
  package static let css = """
    :root{color-scheme:light dark;--ground:#fff;--panel:#f4f6f8;--line:#d5dbe1;--text:#1b2026;\
    --quiet:#56606b;--link:#0b5cad;--up:#0067a8;--down:#b23c00;--degraded:#7d5800;--inconclusive:#5d4a8a;\
    --pending:#56606b;--downpanel:#fdf1ea;--degradedpanel:#fbf5e3}
    @media (prefers-color-scheme:dark){:root{--ground:#14181d;--panel:#1d232a;--line:#37414b;--text:#e6eaee;\
    --quiet:#a4afba;--link:#7cc0ff;--up:#68b7f0;--down:#ff9a5c;--degraded:#eec04d;--inconclusive:#bda8ef;\
    --pending:#a4afba;--downpanel:#2c2019;--degradedpanel:#29241a}}
    @media (forced-colors:active){:root{--ground:Canvas;--panel:Canvas;--line:CanvasText;--text:CanvasText;\
    --quiet:CanvasText;--link:LinkText;--up:CanvasText;--down:CanvasText;--degraded:CanvasText;\
    --inconclusive:CanvasText;--pending:CanvasText;--downpanel:Canvas;--degradedpanel:Canvas}}
    @media (prefers-reduced-motion:reduce){*{scroll-behavior:auto;transition:none;animation:none}}
    *{box-sizing:border-box}
    body{margin:0 auto;max-width:76rem;padding:1rem 1.25rem 3rem;background:var(--ground);color:var(--text);\
    font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
    a{color:var(--link);text-decoration-thickness:1px;text-underline-offset:2px}
    a:focus-visible,summary:focus-visible{outline:2px solid var(--link);outline-offset:2px}
    nav{display:flex;flex-wrap:wrap;gap:.25rem 1rem;justify-content:space-between;color:var(--quiet);\
    font-size:.875rem}
    h1{font-size:1.75rem;line-height:1.25;margin:1rem 0 .25rem;overflow-wrap:anywhere}
    h2{font-size:1.15rem;margin:2rem 0 .5rem}
    .prose{max-width:44rem}
    small{display:block;font-size:.8125rem;font-weight:400;color:var(--quiet);overflow-wrap:anywhere}
    dd small{display:inline}
    .quiet{color:var(--quiet)}
    .tally{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;margin:.25rem 0 1rem;padding:0;list-style:none}
    .tally+.tally{margin-top:-.6rem}
    .narrow{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:center;margin:.25rem 0 1rem;\
    font-size:.875rem;color:var(--quiet)}
    input,select,button{font:inherit;color:var(--text);background:var(--ground);border:1px solid var(--line);\
    border-radius:5px;padding:.25rem .5rem}
    button{background:var(--panel);cursor:pointer}
    input:focus-visible,select:focus-visible,button:focus-visible{outline:2px solid var(--link)}
    .unseen{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden;margin:0}
    .lost{color:var(--down);font-weight:600}
    tr.group th{padding-top:1rem;font-size:.8125rem;color:var(--quiet)}
    .state{display:inline-flex;align-items:center;gap:.4em;font-weight:600;white-space:nowrap}
    .shape{flex:none;fill:currentColor}
    .state::before{content:"";flex:none;width:14px;height:14px;background:currentColor;\
    forced-color-adjust:none}
    .state.up::before{clip-path:circle(44%)}
    .state.pending::before{background:none;border:3px solid;border-radius:50%}
    .state.degraded::before{clip-path:polygon(50% 4%,98% 96%,2% 96%)}
    .state.inconclusive::before{clip-path:polygon(50% 0,100% 50%,50% 100%,0 50%)}
    .state.down::before{clip-path:polygon(5% 25%,25% 5%,50% 30%,75% 5%,95% 25%,70% 50%,95% 75%,75% 95%,50% 70%,\
    25% 95%,5% 75%,30% 50%)}
    a.state{text-decoration:none}a.state span{text-decoration:underline;text-underline-offset:2px}
    .state.up{color:var(--up)}.state.down{color:var(--down)}.state.degraded{color:var(--degraded)}
    .state.inconclusive{color:var(--inconclusive)}.state.pending{color:var(--pending)}
    rect.up{fill:var(--up)}rect.down{fill:var(--down)}rect.degraded{fill:var(--degraded)}
    rect.inconclusive{fill:var(--inconclusive)}rect.phase{fill:var(--up)}
    .strip path{fill:none;stroke-dasharray:5 1}
    .strip .up{stroke:var(--up);stroke-width:8}.strip .down{stroke:var(--down);stroke-width:20}
    .strip .degraded{stroke:var(--degraded);stroke-width:14}
    .strip .inconclusive{stroke:var(--inconclusive);stroke-width:4}
    .line{display:block;margin-left:auto;width:58px;height:17px;fill:none;stroke:var(--quiet);\
    stroke-width:1.25}
    dd .line{display:inline-block;vertical-align:middle;margin-left:.6em}
    .links{display:flex;flex-wrap:wrap;gap:.1rem 1.25rem}
    .notice,.card{border:1px solid var(--line);border-left:6px solid var(--pending);border-radius:6px;\
    background:var(--panel);padding:.75rem 1rem;margin:.75rem 0}
    .card.down,.notice{border-left-color:var(--down);background:var(--downpanel)}
    .notice.mild{border-left-color:var(--degraded);background:var(--degradedpanel)}
    .card.degraded{border-left-color:var(--degraded);background:var(--degradedpanel)}
    .card.inconclusive{border-left-color:var(--inconclusive)}.card.up{border-left-color:var(--up)}
    .card header{display:flex;flex-wrap:wrap;align-items:center;gap:.15rem 1rem}
    .card h2{font-size:1.1rem;margin:0;overflow-wrap:anywhere}
    .card p{margin:.35rem 0;overflow-wrap:anywhere}
    .remedy::before{content:"→ "}
    dl.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(9.5rem,1fr));gap:.4rem 1.25rem;\
    margin:.6rem 0 0}
    dl.facts dt{color:var(--quiet);font-size:.8125rem}
    dl.facts dd{margin:0;overflow-wrap:anywhere}
    .scroll{overflow-x:auto}
    table{border-collapse:collapse;width:100%}
    caption{text-align:left;color:var(--quiet);font-size:.875rem;padding-bottom:.25rem}
    th,td{text-align:left;vertical-align:top;padding:.45rem .75rem .45rem 0;\
    border-bottom:1px solid var(--line)}
    thead th{font-size:.8125rem;font-weight:600;color:var(--quiet);white-space:nowrap}
    tbody th{font-weight:600;overflow-wrap:anywhere}th .quiet{font-weight:400}
    td.number,th.number{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
    td.wide{width:65%}.phases tbody th{white-space:nowrap}
    .fleet td:nth-child(n+4):nth-child(-n+7){text-align:right;white-space:nowrap;\
    font-variant-numeric:tabular-nums}
    .fleet td:nth-child(3){white-space:nowrap}
    .latency{display:block;width:100%;height:120px;background:var(--panel);border-radius:6px}
    .p0{fill:#7a8794}.p1{fill:#0067a8}.p2{fill:#56a3d9}.p3{fill:#b07d00}.p4{fill:#e0b24a}.p5{fill:#5d4a8a}
    .p6{fill:#9c8ac9}.p7{fill:#b23c00}.p8{fill:#e08a5a}.p9{fill:#bcc6cf}
    .key{display:inline-block;width:.8em;height:.8em;border-radius:2px}
    .legend{display:flex;flex-wrap:wrap;gap:.1rem 1rem;margin:.3rem 0;padding:0;list-style:none;\
    font-size:.8125rem;color:var(--quiet)}
    .strip{display:block;max-width:100%;margin:.2em 0}
    .bar{display:block;width:100%;height:14px;margin-top:.25em}
    code,pre{font-family:ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;font-size:.8125rem}
    code{overflow-wrap:anywhere}
    pre{overflow-x:auto;background:var(--panel);border:1px solid var(--line);border-radius:6px;\
    padding:.6rem .8rem;margin:.4rem 0 1rem;line-height:1.55}
    pre .server{color:var(--text)}pre .client{color:var(--link)}pre .note{color:var(--quiet)}
    .lock{position:relative;color:transparent}
    .lock::before{content:"";position:absolute;left:50%;top:50%;width:12px;height:12px;margin:-7px 0 0 -6px;\
    background:var(--up);forced-color-adjust:none;\
    clip-path:path(evenodd,"M1 12V5.5H2.5V4a3.5 3.5 0 0 1 7 0V5.5H11V12zM4.5 5.5h3V4a1.5 1.5 0 0 0-3 0z")}
    ul.plain{margin:.25rem 0;padding-left:1.1rem}
    summary{cursor:pointer;padding:.2rem 0}
    footer{margin-top:2.5rem;border-top:1px solid var(--line);padding-top:.75rem;color:var(--quiet);\
    font-size:.875rem;display:flex;flex-wrap:wrap;gap:.25rem 1.25rem}
    @media (max-width:46rem){body{padding:.75rem .9rem 2rem}h1{font-size:1.4rem}\
    table.stacked thead{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}\
    table.stacked tr{display:flex;flex-wrap:wrap;gap:.1rem 1rem;padding:.5rem 0;\
    border-bottom:1px solid var(--line)}\
    table.stacked th,table.stacked td,.fleet td:nth-child(n){border:0;padding:0;text-align:left;white-space:normal}\
    table.stacked tbody th,table.stacked td.full,.fleet td:nth-child(8){flex:1 1 100%}\
    .fleet td:nth-child(n+3):nth-child(-n+7)::before{color:var(--quiet);font-size:.8125rem}\
    .fleet td:nth-child(3)::before{content:"since "}.fleet td:nth-child(4)::before{content:"probed "}\
    .fleet td:nth-child(5)::before{content:"latency "}\
    .fleet td:nth-child(6)::before{content:"certificate "}\
    .fleet td:nth-child(7)::before{content:"uptime "}\
    .fleet small{display:inline}.fleet th small{display:block}.fleet .line{display:none}\
    table.stacked td[data-label]::before{content:attr(data-label) " ";color:var(--quiet)}}
    """
}
