// Embedded pages follow the book's light or dark, and each can be opened by itself.
const isDark = () => getComputedStyle(document.documentElement).colorScheme.includes("dark");

function themed(frame) {
  const [page, wishes = ""] = frame.getAttribute("src").split("#");
  const wish = new URLSearchParams(wishes);
  wish.set("theme", isDark() ? "dark" : "light");
  return `${page}#${wish}`;
}

// The whole book on one page is for print: pictures do.
if (location.pathname.endsWith("/print.html")) document.querySelectorAll("iframe.experiment").forEach((frame) => frame.remove());

for (const frame of document.querySelectorAll("iframe.experiment")) {
  const link = Object.assign(document.createElement("a"), { href: frame.getAttribute("src").split("#")[0], textContent: "open the page by itself" });
  const words = Object.assign(document.createElement("p"), { className: "alone" });
  words.append(link);
  frame.after(words);
}

function follow() {
  for (const frame of document.querySelectorAll("iframe.experiment")) {
    if (frame.getAttribute("src") === themed(frame)) continue;
    // Another fragment alone would load nothing.
    const other = frame.cloneNode();
    other.setAttribute("src", themed(frame));
    frame.replaceWith(other);
  }
}

follow();
new MutationObserver(follow).observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", follow);
