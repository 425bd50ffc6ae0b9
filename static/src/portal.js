// What scripts add to pages that work without them. Finds its own elements; writes no HTML.
(() => {
  const page = document;
  const find = (selector) => page.querySelector(selector);

  // Focus that is given once: taken off again when the person moves on.
  const focusOnce = (element) => {
    element.tabIndex = -1;
    element.focus();
    element.onblur = () => element.removeAttribute("tabindex");
  };

  // The error summary, or news of success, is read out first; its links show the question with the field.
  const summary = find(".govuk-error-summary,.govuk-notification-banner[role=alert]");
  if (summary) {
    focusOnce(summary);
    summary.onclick = (event) => {
      const link = event.target.closest("a[href^='#']");
      const field = link && page.getElementById(link.hash.slice(1));
      if (field) {
        event.preventDefault();
        (field.closest("fieldset")?.querySelector("legend") || field.labels?.[0] || field).scrollIntoView();
        field.focus({ preventScroll: true });
      }
    };
  }

  const skip = find(".govuk-skip-link");
  if (skip) skip.onclick = () => focusOnce(find("main"));

  // The second click within a second is a slip of the hand.
  let sent = 0;
  page.onsubmit = (event) => {
    if (event.submitter?.dataset.preventDoubleClick) {
      event.timeStamp - sent < 1000 && sent ? event.preventDefault() : (sent = event.timeStamp);
    }
  };

  // A personal page out of the browser's memory may belong to somebody who has signed out.
  onpageshow = (event) => event.persisted && "personal" in page.body.dataset && location.reload();
})();
