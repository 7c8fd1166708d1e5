// Tables too wide for a phone: each cell knows its column, so that rows can be shown as paragraphs.
for (const table of document.querySelectorAll(".content table")) {
  const columns = [...table.querySelectorAll("th")].map((head) => head.textContent);
  if (columns.length < 3) continue;
  table.classList.add("wide");
  for (const row of table.tBodies[0].rows) [...row.cells].forEach((cell, k) => (cell.dataset.column = columns[k]));
}
