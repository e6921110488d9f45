// Names that PurgeCSS must keep although no Rust source spells them out.

/** Elements that a sheet written in Markdown may become: no source names their tags. */
const written = ["a", "blockquote", "code", "em", "h2", "h3", "h4", "hr", "li", "ol", "p", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"];

/** The tones of a part are chosen at run time: `format!("cz-badge-{tone}")`. */
const tones = [/^cz-(badge|mark|bar|swatch)-[a-z]+$/, /^alert-(info|success|warning|danger)$/, /^icon-(primary|secondary|success|warning|danger|white)$/];

export default { standard: ["html", "body", ...written, ...tones], greedy: [], deep: [] };
