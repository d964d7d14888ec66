// Says in the language of the pages what was last seen, and when; the page itself says everything else.
const mains = [...document.querySelectorAll("main")];
const chosen = /(?:^|; )language=(\w+)/.exec(document.cookie)?.[1];
const wanted = [chosen, ...navigator.languages.map((tag) => tag.split("-", 1)[0])];
const tag = wanted.find((tag) => mains.some((main) => main.lang === tag)) ?? "en";
for (const main of mains) {
  main.hidden = main.lang !== tag;
}
const main = mains.find((main) => main.lang === tag);
document.documentElement.lang = tag;
document.documentElement.dir = main.dir;
document.title = main.dataset.title;
const kept = localStorage.getItem("last-seen");
if (kept) {
  const { text, at } = JSON.parse(kept);
  main.querySelector(".figure").textContent = text;
  const moment = main.querySelector("time");
  moment.dateTime = new Date(at).toISOString();
  // Days and times in the digits that pages use.
  moment.textContent = new Intl.DateTimeFormat(`${tag}-u-nu-latn`, {
    dateStyle: "long",
    timeStyle: "short",
  }).format(at);
  main.querySelector("section").hidden = false;
}
addEventListener("online", () => location.reload());
