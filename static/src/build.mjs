// Makes the two stylesheets and the script; called by `python -m portal.cli.build` with the name of a JSON file
// {source, out, words, absent}. `words` are all words of the templates: a rule for a class that is not among them goes.
// `absent` are patterns of selectors for parts of components that no template asks for.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "esbuild";
import postcss from "postcss";
import rtlcss from "rtlcss";
import { compile } from "sass";

const { source, out, words, absent } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const known = new Set(words);
const gone = absent.length ? new RegExp(absent.join("|")) : /^$/;
const target = ["chrome100", "edge100", "firefox100", "safari15.4"];

// --- what no page uses ---------------------------------------------------------------------------------------

// A class is used when it is a word, or a word's end joined to a beginning such as `govuk-table__cell--`.
function isUsed(name) {
  if (gone.test(name)) return false;
  if (known.has(name)) return true;
  const joint = Math.max(name.lastIndexOf("--"), name.lastIndexOf("__")) + 2;
  return joint > 1 && known.has(name.slice(0, joint)) && known.has(name.slice(joint));
}

const withoutNeverTrue = (selector) =>
  selector
    .replace(/:not\(\.\\:focus\)/g, "")
    .replace(/:not\((:has\()?\.([\w-]+)\)?\)/g, (all, has, name) => (isUsed(name) ? all : ""));

function dropUnused(root) {
  root.walkRules((rule) => {
    const kept = rule.selectors
      .map(withoutNeverTrue)
      .filter((selector) => !gone.test(selector.replace(/:not\([^)]*\)/g, "")))
      .filter((selector) => [...selector.matchAll(/\.([A-Za-z][\w-]*)/g)].every((found) => isUsed(found[1])));
    if (kept.length) rule.selectors = kept;
    else rule.remove();
  });
}

// --- what no browser of today needs ----------------------------------------------------------------------------

const oldProperty = /^-(ms|moz)-|^-webkit-(font-smoothing|text-decoration|clip-path|user-select|box-decoration)|^(word-wrap|clip|text-decoration-skip)$/;
const oldSelector = /::-(ms|moz)-|:-moz-any-link/;

function dropOld(root) {
  root.walkComments((comment) => comment.remove());
  root.walkAtRules((rule) => {
    // Details are styled for every browser but Internet Explorer; the other tests ask for things all have or lack.
    if (rule.name === "charset") rule.remove(); // first of the inline sheet it says nothing; files say it in a header
    if (rule.name === "supports") rule.params.includes("-ms-ime-align") ? rule.replaceWith(rule.nodes) : rule.remove();
    // Print rules of every component weigh more than all of ours, which say the same for the page.
    else if (/print|-ms-high-contrast: none/.test(rule.params)) rule.remove();
    else rule.params = rule.params.replace(/, \(-ms-high-contrast: active\)/, "").replace(/^screen and (\(forced)/, "$1");
  });
  root.walkRules((rule) => {
    rule.selectors = rule.selectors.filter((selector) => !oldSelector.test(selector));
    if (!rule.selectors.join("") || rule.selector === ":root") rule.remove(); // :root holds upstream's version only
  });
  root.walkDecls((declaration) => {
    if (oldProperty.test(declaration.prop) || declaration.prop === "font-family") declaration.remove(); // body has it
    else declaration.value = plain(declaration.value);
  });
}

// `var(--govuk-x, #123)`: nothing sets the variable, so what it falls back to is the value.
const plain = (value) =>
  value
    .replace(/var\(--govuk-[\w-]+,\s*((?:[^()]|\([^()]*\))+)\)/g, "$1")
    .replace(/#([\da-f])\1([\da-f])\2([\da-f])\3\b/g, "#$1$2$3")
    .replace(/\d*\.\d{5,}/g, (number) => String(Math.round(Number(number) * 1e4) / 1e4));

// --- what can be said shorter ----------------------------------------------------------------------------------

const sameHead = (one, two) =>
  two &&
  one.type === two.type &&
  one.nodes &&
  two.nodes &&
  (one.type === "rule" ? one.selector === two.selector : one.name === two.name && one.params === two.params);

function joinNeighbours(container) {
  container.each((node) => {
    for (let next = node.next(); sameHead(node, next); next = node.next()) {
      node.append(next.nodes);
      next.remove();
    }
    if (node.type === "atrule" && node.nodes) joinNeighbours(node);
  });
}

// `a {} @media x { a {} } a {}`: the last joins the first when no property of it stands in the middle.
function joinAcrossMedia(root) {
  const stem = (declaration) => declaration.prop.replace(/^-webkit-/, "").split("-")[0];
  root.each((rule) => {
    for (let media = rule.next(); rule.type === "rule" && media?.type === "atrule"; media = rule.next()) {
      const last = media.next();
      if (!sameHead(rule, last) || !media.nodes.every((inner) => sameHead(rule, inner))) return;
      const middle = new Set(media.nodes.flatMap((inner) => inner.nodes.map(stem)));
      if (last.nodes.some((declaration) => middle.has(stem(declaration)) || stem(declaration) === "font")) return;
      rule.append(last.nodes);
      last.remove();
      joinNeighbours(root);
    }
  });
}

// `border: 2px solid; border-color: red` is `border: 2px solid red`; upstream parts them for the variables.
function joinColours(root) {
  root.walkDecls(/^(border(-left|-right|-top|-bottom)?|outline)-color$/, (colour) => {
    const shorthand = colour.prop.replace("-color", "");
    const line = colour.parent.nodes.find((other) => other.prop === shorthand);
    const width = colour.parent.nodes.some((other) => other.prop === `${shorthand}-width`);
    if (!line || width || !/^\S+ solid$/.test(line.value)) return;
    line.value += ` ${colour.value}`;
    colour.remove();
  });
}

function dropEmpty(root) {
  root.walkRules((rule) => void (rule.nodes.length || rule.remove()));
  root.walkAtRules((rule) => void (rule.nodes?.length === 0 && rule.remove()));
}

function tidied(file) {
  const css = compile(join(source, file), { loadPaths: ["node_modules"], quietDeps: true }).css;
  const root = postcss.parse(css);
  dropUnused(root);
  return root;
}

const govuk = tidied("govuk.scss");
dropOld(govuk);
dropEmpty(govuk);
joinNeighbours(govuk);
joinAcrossMedia(govuk);
joinColours(govuk);
const own = tidied("own.scss").toString();
const mirrored = postcss.parse(rtlcss.process(govuk.toString()));
const corrections = postcss.parse(readFileSync(join(source, "rtl.css"), "utf8"));
dropUnused(corrections);
mirrored.append(corrections.nodes);

const write = (name, text, loader) =>
  writeFileSync(join(out, name), transformSync(text, { loader, minify: true, target, legalComments: "none" }).code.trim());
write("app.css", `${govuk}\n${own}`, "css");
write("app.rtl.css", `${mirrored}\n${own}`, "css");
write("portal.js", readFileSync(join(source, "portal.js"), "utf8"), "js");
