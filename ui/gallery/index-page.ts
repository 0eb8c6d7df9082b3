/** The page that shows all pictures. */
import { nameOf, type Picture } from "./plan";

const STYLE = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
  body { margin: 0 1.5rem 3rem; }
  form { position: sticky; inset-block-start: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: 0.5rem 2rem;
    padding: 0.75rem 0; background: Canvas; border-block-end: 1px solid GrayText; }
  fieldset { display: flex; flex-wrap: wrap; gap: 0 0.75rem; margin: 0; padding: 0; border: 0; }
  legend { float: inline-start; padding: 0; margin-inline-end: 0.75rem; font-weight: 600; }
  h2 { margin: 1.5rem 0 0.5rem; scroll-margin: 4rem; }
  .row { display: flex; flex-wrap: wrap; gap: 1.5rem; align-items: start; }
  figure { position: relative; margin: 0; }
  figcaption { font-size: 0.8125rem; }
  .picture { position: relative; display: block; outline: 1px solid GrayText; }
  .picture img { display: block; max-width: 100%; height: auto; }
  .fold { position: absolute; inset-inline: 0; border-block-start: 1px dashed #d1335b; }
`;

/** A picture is shown when each of its properties is chosen. The query of the URL holds the choice. */
const SCRIPT = `
  const form = document.forms[0];
  const wanted = new URLSearchParams(location.hash.slice(1));
  for (const box of form.elements)
    if (box.name && wanted.has(box.name)) box.checked = wanted.get(box.name).split(" ").includes(box.value);
  function filter() {
    const data = new FormData(form);
    const address = new URLSearchParams();
    for (const name of ["language", "theme", "size"]) {
      const boxes = [...form.elements].filter((box) => box.name === name);
      if (boxes.some((box) => !box.checked)) address.set(name, data.getAll(name).join(" "));
    }
    history.replaceState(null, "", "#" + address);
    for (const figure of document.querySelectorAll("figure"))
      figure.hidden = ["language", "theme", "size"].some(
        (name) => !data.getAll(name).includes(figure.dataset[name]));
    for (const section of document.querySelectorAll("section"))
      section.hidden = !section.querySelector("figure:not([hidden])");
  }
  form.addEventListener("change", filter);
  filter();
`;

/** `ofWindow` are the files of the pictures that were taken of the real window. */
export function indexPage(pictures: readonly Picture[], ofWindow: readonly string[] = []): string {
  const filters = [
    filter("Language", "language", new Set(pictures.map(({ language }) => language))),
    filter("Theme", "theme", new Set(pictures.map(({ theme }) => theme))),
    filter("Size", "size", new Set(pictures.map(({ size }) => size.name))),
  ];
  const scenes = [...new Set(pictures.map(({ scene }) => scene))].map((scene) => {
    const figures = pictures.filter((picture) => picture.scene === scene).map(figure);
    return `<section><h2 id="${scene}">${scene}</h2><div class="row">${figures.join("")}</div></section>`;
  });
  return `<!doctype html>
<html lang="en">
<meta charset="UTF-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Latchkey: gallery</title>
<style>${STYLE}</style>
<h1>Gallery</h1>
<form>${filters.join("")}${ofWindow.length > 0 ? '<a href="#window">The real window</a>' : ""}</form>
${scenes.join("\n")}
${windows(ofWindow)}
<script>${SCRIPT}</script>
</html>
`;
}

function windows(files: readonly string[]): string {
  if (files.length === 0) return "";
  const shown = files.map((file) => {
    const name = file.replace(/^.*\/|\.png$/g, "");
    return `<div><a href="${file}"><img src="${file}" alt="${name}" loading="lazy"></a><br>${name}</div>`;
  });
  return `<h2 id="window">The real window</h2><div class="row">${shown.join("")}</div>`;
}

function filter(legend: string, name: string, values: Set<string>): string {
  const boxes = [...values].map(
    (value) =>
      `<label><input type="checkbox" name="${name}" value="${value}" checked> ${value}</label>`,
  );
  return `<fieldset><legend>${legend}</legend>${boxes.join("")}</fieldset>`;
}

function figure(picture: Picture): string {
  const { scene, language, theme, size } = picture;
  const file = nameOf(picture);
  const [width, height] = [size.width * size.zoom, size.height * size.zoom];
  const alt = `${scene} in ${language}, ${theme}, ${size.name}`;
  return `<figure data-language="${language}" data-theme="${theme}" data-size="${size.name}">
<a class="picture" href="${file}"><img src="${file}" alt="${alt}" width="${width}" loading="lazy"><span class="fold" style="top:${height}px"></span></a>
<figcaption>${language}, ${theme}, ${size.name} (${width} × ${height})</figcaption></figure>`;
}
