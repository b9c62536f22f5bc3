"use strict";

for (const form of document.forms) form.addEventListener("submit", send);

async function send(event) {
  event.preventDefault();
  const form = event.target, out = form.nextElementSibling, button = form.querySelector("button");
  if (button.getAttribute("aria-disabled") === "true") return;
  const body = new FormData();
  let files = 0;
  const isPhoto = (field) => field.type === "file" && field.name !== "functional";
  // what says which device it is goes first: photos are then inspected while the next is uploading
  for (const field of [...form.elements].sort((one, other) => isPhoto(one) - isPhoto(other))) {
    if (field.type === "file") for (const file of field.files) { body.append(field.name, file, file.name); files += 1; }
    else if (field.name && field.value.trim()) body.append(field.name, field.value.trim());
  }
  button.setAttribute("aria-disabled", "true");
  out.replaceChildren(element("p", `Sending ${files} ${files === 1 ? "file" : "files"} ...`, "status"));
  const started = performance.now();
  try {
    const answer = await fetch(form.getAttribute("action"), { method: "POST", body });
    const text = await answer.text();
    show(out, answer, text, (performance.now() - started) / 1000);
  } catch (error) {
    out.replaceChildren(element("p", `The service did not answer (${error.message}). Is it still running?`, "status bad"));
  } finally {
    button.removeAttribute("aria-disabled");
  }
}

function show(out, answer, text, seconds) {
  let json = null;
  try { json = JSON.parse(text); } catch { /* shown as it is */ }
  out.replaceChildren(element("p", `${answer.status} ${answer.statusText}, ${seconds.toFixed(1)} s`, answer.ok ? "status" : "status bad"));
  if (json && json.error) out.append(element("p", `${json.error.message} [${json.error.code}]`));
  else if (json && json.decision) showGrade(out, json);
  else if (json && json.defects) showInspection(out, json);
  if (json && json.report) {
    const link = element("a", "Save the report");
    link.href = URL.createObjectURL(new Blob([json.report], { type: "text/html" }));
    link.download = "report.html";
    out.append(link);
    json.report = "... (saved by the link above)";
  }
  const raw = document.createElement("details");
  raw.append(element("summary", "The answer as JSON"), element("pre", json ? JSON.stringify(json, null, 2) : text));
  raw.lastChild.tabIndex = 0;
  out.append(raw);
}

function showGrade(out, json) {
  const decision = json.decision, head = element("div", "", "head");
  const none = decision.status === "not_accepted" ? "Not accepted" : "No grade yet";
  const best = decision.cosmetic_at_best ? `, at best ${decision.cosmetic_at_best}` : "";
  head.append(element("span", decision.grade || none + best, decision.grade ? "grade" : "grade word"));
  const device = json.device.assumed ? "Unnamed phone, sizes assumed" : json.device.name;
  const review = decision.needs_review ? "; needs manual review" : "";
  head.append(element("span", `${device}; ${words(decision.status)}; functions: ${words(decision.functional.state)}${review}`));
  out.append(head);
  list(out, "Reasons", decision.reasons.map((reason) => `${textOf(reason)} [${reason.rule}]`));
  list(out, "Manual review", decision.review.map((reason) => `${textOf(reason)} [${reason.rule}]`));
  list(out, "Next better grade", decision.next_better.map((step) => `${step.grade}: ${step.changes.map(textOf).join("; ")}`));
  list(out, "Notes", [...decision.flags, ...json.flags].map(textOf));
}

function showInspection(out, json) {
  out.append(element("p", `View: ${json.view} (confidence ${percent(json.view_confidence)})`));
  const millimetres = (value, digits) => value === null ? "unknown" : `${value.toFixed(digits)} mm`;
  const defects = json.defects.map((one) => `${one.kind}${one.zone ? `, ${one.zone}` : ""}: ` +
    `${millimetres(one.length_mm, 1)} long, ${millimetres(one.width_mm, 2)} wide, confidence ${percent(one.confidence)}`);
  list(out, "Defects", defects.length ? defects : ["none found"]);
  list(out, "Dirt", json.contamination.map((one) => `${one.kind}, confidence ${percent(one.confidence)}`));
  list(out, "Photo quality", json.quality.map((flag) => flag.message));
}

function list(out, heading, lines) {
  if (!lines.length) return;
  const items = document.createElement("ul");
  items.append(...lines.map((line) => element("li", line)));
  out.append(element("h3", heading), items);
}

function element(name, text, style) {
  const made = document.createElement(name);
  made.textContent = text;
  if (style) made.className = style;
  return made;
}

function textOf(reason) {
  const start = reason.surface ? `${reason.surface}: ` : "";
  return reason.text.startsWith(start) ? reason.text : start + reason.text;
}

function words(text) { return text.replaceAll("_", " "); }
function percent(share) { return `${Math.round(share * 100)} %`; }
