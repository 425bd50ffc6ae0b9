// Looks at the page as it is laid out now and answers a list of faults. Changes nothing.
(() => {
  const faults = [];
  const width = document.documentElement.clientWidth;
  const say = (what, element) => {
    const words = (element?.innerText || element?.value || element?.id || "").trim().replace(/\s+/g, " ").slice(0, 60);
    faults.push(element ? `${what}: <${element.tagName.toLowerCase()} class="${element.className}"> ${words}` : what);
  };
  const hidden = (element) => element.closest(".govuk-visually-hidden, .govuk-skip-link, [hidden]");
  const seen = (element) => {
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && style.visibility !== "hidden" && !hidden(element);
  };

  if (document.documentElement.scrollWidth > width) {
    say(`scrolls sideways: ${document.documentElement.scrollWidth} in ${width}`);
  }

  // Words that are cut off or stand outside the window.
  for (const element of document.body.querySelectorAll("*")) {
    if (!seen(element)) continue;
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    if (box.left < -1 || box.right > width + 1) say(`outside the window (${Math.round(box.left)} to ${Math.round(box.right)})`, element);
    const cuts = ["hidden", "clip"];
    const inline = style.display === "inline";
    if (!inline && cuts.includes(style.overflowX) && element.scrollWidth > element.clientWidth + 1) say("cut off sideways", element);
    if (!inline && cuts.includes(style.overflowY) && element.scrollHeight > element.clientHeight + 1) say("cut off below", element);
    if (style.textOverflow === "ellipsis" && element.scrollWidth > element.clientWidth) say("shortened with dots", element);
  }

  const controls = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")].filter(seen);

  // Buttons cut their words without any overflow being set.
  for (const element of controls) {
    if (["BUTTON", "SELECT"].includes(element.tagName) && element.scrollWidth > element.clientWidth + 2) say("words wider than the control", element);
  }

  // No two controls share a spot. A link over two lines has two boxes.
  const boxes = controls.flatMap((element) => [...element.getClientRects()].map((box) => ({ element, box })));
  for (let first = 0; first < boxes.length; first++) {
    for (let second = first + 1; second < boxes.length; second++) {
      const one = boxes[first], other = boxes[second];
      if (one.element === other.element || one.element.contains(other.element) || other.element.contains(one.element)) continue;
      const across = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
      const down = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
      // Line boxes of neighbouring lines may touch by the room a script's letters need; 4 pixels are no overlap to see.
      if (across > 2 && down > 4) say(`overlaps ${other.element.tagName} ${(other.element.innerText || "").slice(0, 30)}`, one.element);
    }
  }

  // WCAG 2.2, 2.5.8: 24 by 24, or room for a circle of 24 around, or inside a sentence. A label belongs to its control.
  const area = (element) => {
    const all = [element, ...(element.labels || [])].map((part) => part.getBoundingClientRect());
    const left = Math.min(...all.map((box) => box.left)), right = Math.max(...all.map((box) => box.right));
    const top = Math.min(...all.map((box) => box.top)), bottom = Math.max(...all.map((box) => box.bottom));
    return { left, right, top, bottom, x: (left + right) / 2, y: (top + bottom) / 2 };
  };
  const targets = controls.map((element) => ({ element, ...area(element) }));
  const small = (target) => target.right - target.left < 23.9 || target.bottom - target.top < 23.9;
  const inSentence = (element) => {
    if (getComputedStyle(element).display !== "inline") return false;
    const around = [...element.parentElement.childNodes].filter((node) => node !== element && node.nodeType === 3);
    return around.some((node) => /[\p{L}\p{N}]/u.test(node.textContent));
  };
  for (const target of targets.filter(small)) {
    if (inSentence(target.element)) continue;
    const crowded = targets.some((other) => {
      if (other.element === target.element || other.element.contains(target.element) || target.element.contains(other.element)) return false;
      const across = Math.max(other.left - target.x, 0, target.x - other.right);
      const down = Math.max(other.top - target.y, 0, target.y - other.bottom);
      const reach = small(other) ? Math.hypot(other.x - target.x, other.y - target.y) - 12 : Math.hypot(across, down);
      return reach < 12;
    });
    if (crowded) say(`target of ${Math.round(target.right - target.left)} by ${Math.round(target.bottom - target.top)} with no room`, target.element);
  }
  return faults;
})()
