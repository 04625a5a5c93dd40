import Platform

extension Report {
  static let style = """
    :root { --ink: #1d1f21; --soft: #5c6166; --line: #d9dcdf; --paper: #ffffff; --shade: #f4f5f6; --link: #0b57a4;
      --c0: #0b66c2; --c1: #b3470b; --c2: #1c7c3c; --c3: #8b3fb0; --c4: #9a6b00; --c5: #b01e5a; }
    @media (prefers-color-scheme: dark) { :root { --ink: #e6e7e8; --soft: #a2a8ad; --line: #3b3f43; --paper: #17191b;
      --shade: #212427; --link: #7fb8f5; --c0: #6cb2ff; --c1: #ff9b63; --c2: #67cf8a; --c3: #cf98ee; --c4: #e2b64a;
      --c5: #ff82b1; } }
    * { box-sizing: border-box; }
    body { margin: 0 auto; padding: 1.5rem; max-width: 70rem; background: var(--paper); color: var(--ink);
      font: 16px/1.5 system-ui, sans-serif; }
    a { color: var(--link); }
    :focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
    h1 { font-size: 1.7rem; margin: 0 0 .5rem; }
    h2 { font-size: 1.35rem; margin: 2.5rem 0 .25rem; padding-top: .75rem; border-top: 1px solid var(--line); }
    h3 { font-size: 1.05rem; margin: 1.75rem 0 .5rem; }
    h4 { font-size: .95rem; margin: 1rem 0 .25rem; font-weight: 600; }
    nav ul, .legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; padding: 0; margin: 0; }
    .note, figcaption { color: var(--soft); font-size: .85rem; margin: .5rem 0 0; }
    .scroll { overflow-x: auto; }
    table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
    th, td { padding: .3rem .9rem; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line); }
    th:first-child, td:first-child { padding-left: 0; }
    th { font-weight: 500; } thead th { color: var(--soft); } .words { text-align: left; }
    .quoted, .quoted th { color: var(--soft); font-weight: 400; font-style: italic; }
    figure { margin: 1.25rem 0; }
    .curve { width: 100%; max-width: 45rem; height: auto; display: block; }
    .curve text { fill: var(--soft); font-size: 12px; }
    .curve .grid { stroke: var(--line); stroke-width: 1; }
    .curve g path, .legend path { fill: none; stroke: currentColor; stroke-width: 2; }
    .curve circle { fill: currentColor; }
    .legend { font-size: .85rem; } .legend svg { width: 28px; height: 8px; margin-right: .4rem; vertical-align: middle; }
    .c0 { color: var(--c0); } .c1 { color: var(--c1); } .c2 { color: var(--c2); }
    .c3 { color: var(--c3); } .c4 { color: var(--c4); } .c5 { color: var(--c5); }
    .c1 path:first-child { stroke-dasharray: 7 3; } .c2 path:first-child { stroke-dasharray: 2 3; }
    .c3 path:first-child { stroke-dasharray: 9 3 2 3; } .c4 path:first-child { stroke-dasharray: 4 4; }
    .c5 path:first-child { stroke-dasharray: 1 4; }
    .strip { display: flex; gap: .75rem; padding-bottom: .5rem; }
    .strip figure { position: relative; flex: 0 0 auto; width: 144px; margin: 0; }
    .strip img { display: block; image-rendering: pixelated; }
    .crop { width: 144px; height: 144px; object-fit: cover; background: var(--shade); }
    .kernel { width: 44px; height: 44px; border: 1px solid #888; }
    .crop + .kernel { position: absolute; top: 99px; left: 99px; }
    .strip figcaption { line-height: 1.3; margin-top: .3rem; color: var(--ink); overflow-wrap: anywhere; }
    .strip span { display: block; color: var(--soft); }
    @media (max-width: 40rem) { body { padding: 1rem; } th, td { padding: .3rem .45rem; }
      .words { white-space: normal; min-width: 8rem; } }
    @media print { body { max-width: none; padding: 0; } .scroll { overflow: visible; } .strip { flex-wrap: wrap; } }
    """
}
