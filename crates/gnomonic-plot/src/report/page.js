"use strict";
// The slider through the maps. Without this script the page is complete: the same maps stand in the grid.
(() => {
  const source = document.getElementById("maps");
  const figure = document.getElementById("slider");
  if (!source || !figure) return;
  const { maps, colors, labels } = JSON.parse(source.textContent);
  const canvas = figure.querySelector("canvas");
  const context = canvas.getContext("2d");
  const slider = figure.querySelector("input[type=range]");
  const output = figure.querySelector("output");
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const dark = matchMedia("(prefers-color-scheme: dark)");

  // Coordinates around the centroid, and the half side of the square that holds them.
  for (const map of maps) {
    const bytes = Uint8Array.from(atob(map.points), (c) => c.charCodeAt(0));
    const view = new DataView(bytes.buffer);
    map.xy = new Float32Array(bytes.length / 2);
    const mean = [0, 0];
    for (let i = 0; i < map.xy.length; i++) {
      map.xy[i] = map.origin[i % 2] + (map.side * view.getUint16(2 * i, true)) / 65535;
      mean[i % 2] += (2 * map.xy[i]) / map.xy.length;
    }
    map.reach = 0;
    for (let i = 0; i < map.xy.length; i++) {
      map.xy[i] -= mean[i % 2];
      map.reach = Math.max(map.reach, Math.abs(map.xy[i]));
    }
  }
  const widest = Math.max(...maps.map((map) => map.reach)) || 1;

  const points = maps[0].xy.length / 2;
  let at = Number(slider.value);
  let scaling = 0; // 0: one ruler for all maps; 1: each map fills the frame
  let frame = 0;

  const mix = (a, b, t) => a + (b - a) * t;

  function draw() {
    const side = Math.max(1, Math.round(canvas.clientWidth * (devicePixelRatio || 1)));
    if (canvas.width !== side) canvas.width = canvas.height = side;
    const below = maps[Math.floor(at)];
    const above = maps[Math.ceil(at)];
    const t = at - Math.floor(at);
    const reach = mix(widest, mix(below.reach, above.reach, t) || 1, scaling);
    const scale = (0.47 * side) / reach;
    const radius = Math.max(1.6 * (devicePixelRatio || 1), 0.0062 * side);
    const ink = getComputedStyle(document.body).color;
    context.clearRect(0, 0, side, side);
    context.globalAlpha = dark.matches ? 0.6 : 0.5;
    for (let i = 0; i < points; i++) {
      const x = side / 2 + scale * mix(below.xy[2 * i], above.xy[2 * i], t);
      const y = side / 2 - scale * mix(below.xy[2 * i + 1], above.xy[2 * i + 1], t);
      context.fillStyle = labels.length && colors.length ? colors[labels[i] % colors.length] : ink;
      context.beginPath();
      context.arc(x, y, radius, 0, 2 * Math.PI);
      context.fill();
    }
    drawBar(side, scale, ink);
  }

  // A bar of round length, as in an atlas: it tells which ruler the eye is given.
  function drawBar(side, scale, ink) {
    const wanted = (0.2 * side) / scale;
    const power = 10 ** Math.floor(Math.log10(wanted));
    const length = [5, 2, 1].map((step) => step * power).find((round) => round <= wanted) ?? power;
    const unit = side / 720;
    const left = 24 * unit;
    const bottom = side - 24 * unit;
    const tall = Math.max(12 * (devicePixelRatio || 1), 14 * unit);
    context.globalAlpha = 1;
    context.fillStyle = ink;
    context.fillRect(left, bottom, length * scale, Math.max(1, 1.5 * unit));
    context.font = `${tall}px ${getComputedStyle(document.body).fontFamily}`;
    context.fillText(`${Number(length.toPrecision(1))} ${canvas.dataset.units}`, left, bottom - 8 * unit);
  }

  // Moves to a place on the slider and a scaling within a third of a second.
  function move(toAt, toScaling) {
    cancelAnimationFrame(frame);
    const [fromAt, fromScaling, start] = [at, scaling, performance.now()];
    const step = (now) => {
      const t = still.matches ? 1 : Math.min(1, Math.max(0, (now - start) / 350));
      const eased = t * t * (3 - 2 * t);
      at = mix(fromAt, toAt, eased);
      scaling = mix(fromScaling, toScaling, eased);
      draw();
      if (t < 1) frame = requestAnimationFrame(step);
    };
    frame = requestAnimationFrame(step);
  }

  function update() {
    const { perplexity } = maps[slider.value];
    output.textContent = perplexity;
    slider.setAttribute("aria-valuetext", slider.dataset.value.replace("{perplexity}", perplexity));
    const own = figure.querySelector("input[name=scale]:checked").value === "own";
    move(Number(slider.value), own ? 1 : 0);
  }

  figure.hidden = false;
  slider.addEventListener("input", update);
  for (const radio of figure.querySelectorAll("input[name=scale]")) radio.addEventListener("change", update);
  dark.addEventListener("change", draw);
  new ResizeObserver(draw).observe(canvas);
  update();
})();
