// Draws each plot from the table beside it, which is all that there is without a script.
"use strict";
(function () {
  const COLOURS = 6;

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  function column(rows, read) {
    return rows.map((row) => Number(read(row)));
  }

  function draw(figure) {
    const place = figure.querySelector(".drawn");
    const table = figure.querySelector("details table"); // the legend is one too
    const names = Array.from(table.tHead.rows[0].cells, (cell) => cell.textContent).slice(1);
    const rows = Array.from(table.tBodies[0].rows);
    const data = [column(rows, (row) => row.cells[0].dataset.at)];
    names.forEach((name, index) => data.push(column(rows, (row) => row.cells[index + 1].dataset.value)));
    const axis = {
      stroke: colour("--pico-muted-color"),
      grid: { stroke: colour("--pico-muted-border-color"), width: 1 },
      ticks: { stroke: colour("--pico-muted-border-color"), width: 1 },
    };
    const number = new Intl.NumberFormat(document.documentElement.lang);
    place.replaceChildren();
    new window.uPlot({
      width: Math.max(200, place.clientWidth),
      height: 220,
      tzDate: (seconds) => window.uPlot.tzDate(new Date(seconds * 1000), "UTC"),
      cursor: { drag: { x: false, y: false } },
      scales: { y: { range: (plot, least, most) => [0, Math.max(1, most * 1.05)] } },
      axes: [
        Object.assign({}, axis, { values: (plot, marks) => marks.map(written(data[0])) }),
        Object.assign({}, axis, { size: 70, values: (plot, marks) => marks.map((mark) => Number.isInteger(mark) ? number.format(mark) : "") }),
      ],
      series: [{ label: table.tHead.rows[0].cells[0].textContent, value: (plot, at) => (at == null ? "–" : moment(at)) }].concat(
        names.map((name, index) => ({
          label: name,
          stroke: colour("--plot-" + ((index % COLOURS) + 1)),
          width: 2,
          dash: index % 2 ? [6, 3] : undefined,
          paths: rows.length > 1 ? window.uPlot.paths.stepped({ align: 1 }) : undefined,
          points: { show: rows.length < 3 },
          value: (plot, value) => (value == null ? "–" : number.format(value)),
        }))),
    }, data, place);
  }

  function moment(seconds) {
    return new Date(seconds * 1000).toISOString().slice(0, 16).replace("T", " ");
  }

  // The hour where a day is shown, else the day
  function written(times) {
    const isDay = times[times.length - 1] - times[0] <= 86400;
    return (seconds) => (isDay ? moment(seconds).slice(11) : moment(seconds).slice(5, 10));
  }

  function drawAll() {
    document.querySelectorAll("figure.plot").forEach(draw);
  }

  function drawNew() {
    Array.from(document.querySelectorAll("figure.plot")).filter((figure) => !figure.querySelector(".uplot")).forEach(draw);
  }

  let due;
  window.addEventListener("resize", () => {
    window.cancelAnimationFrame(due);
    due = window.requestAnimationFrame(drawAll);
  });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  document.body.addEventListener("htmx:afterSettle", drawNew);
  drawAll();
})();
