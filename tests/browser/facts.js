// What a test asks of every page, in one answer. Changes nothing.
(() => {
  const active = document.activeElement;
  const summary = document.querySelector(".govuk-error-summary");
  return {
    lang: document.documentElement.lang,
    dir: document.documentElement.dir,
    title: document.title,
    headings: [...document.querySelectorAll("h1")].map((heading) => heading.innerText.trim().replace(/\s+/g, " ")),
    summaryFocused: Boolean(summary) && active === summary,
    summaryLinks: summary ? [...summary.querySelectorAll("a")].map((link) => {
      const target = document.getElementById(link.hash.slice(1));
      return { text: link.innerText, hash: link.hash, control: Boolean(target?.matches("input, select, textarea")) };
    }) : null,
    styled: [...document.styleSheets].some((sheet) => sheet.cssRules.length > 50),
    foreign: [...document.querySelectorAll("[src], link[href]")].map((part) => part.src || part.href)
      .filter((address) => !address.startsWith(location.origin) && !address.startsWith("data:")),
  };
})()
