"use strict";
// Shows only what belongs to targets whose names contain the text of the filter.
const filter = document.getElementById("filter");
const parts = [...document.querySelectorAll("[data-target]")];
function apply() {
  const text = filter.value.trim();
  for (const part of parts) part.hidden = !part.dataset.target.includes(text);
  const targets = parts.filter((part) => !part.hidden).map((part) => part.dataset.target);
  document.getElementById("shown").textContent = text ? `${new Set(targets).size} shown` : "";
}
filter.addEventListener("input", () => { sessionStorage.setItem("filter", filter.value); apply(); });
// A page that is loaded again and again keeps its filter and its open parts.
filter.value = sessionStorage.getItem("filter") ?? "";
apply();
document.querySelectorAll("details").forEach((part, number) => {
  part.open = sessionStorage.getItem(`open ${number}`) === "yes";
  part.addEventListener("toggle", () => sessionStorage.setItem(`open ${number}`, part.open ? "yes" : "no"));
});
