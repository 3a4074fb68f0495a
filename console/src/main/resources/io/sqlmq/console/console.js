// Draws the plots of the last hour; all else is done by the server and by htmx.
(function () {
  'use strict';
  var base = document.body.dataset.base === '/' ? '' : document.body.dataset.base;
  var kinds = {
    rates: [['sent/s', 'sentPerSecond', '--plot-sent'], ['gone/s', 'gonePerSecond', '--plot-gone']],
    depth: [['messages', 'depth', '--plot-sent']],
    age: [['seconds', 'oldestAge', '--plot-age']]
  };
  function draw(place, samples) {
    var lines = kinds[place.dataset.plot];
    var known = samples.time.length > 1;
    place.textContent = '';
    var title = document.createElement('p');
    title.textContent = place.dataset.title + (known ? '' :
      ': no samples yet. The console takes one each 10 s while you are logged in, and keeps them for an hour.');
    place.appendChild(title);
    if (!known) {
      return;
    }
    var style = getComputedStyle(document.body);
    var ink = style.color;
    var axis = { stroke: ink, grid: { stroke: 'rgba(128,128,128,.2)' }, ticks: { stroke: 'rgba(128,128,128,.2)' } };
    new uPlot({
      width: Math.max(240, place.clientWidth - 14),
      height: 130,
      series: [{}].concat(lines.map(function (line) { return { label: line[0], stroke: style.getPropertyValue(line[2]).trim(), width: 1.5 }; })),
      axes: [axis, Object.assign({ size: 60 }, axis)],
      scales: { y: { range: function (u, low, high) { return [0, Math.max(1, high || 0)]; } } }
    }, [samples.time].concat(lines.map(function (line) { return samples[line[1]]; })), place);
  }
  function plots() {
    document.querySelectorAll('[data-plot]').forEach(function (place) {
      var queue = place.dataset.queue;
      fetch(base + '/api/samples' + (queue ? '?queue=' + encodeURIComponent(queue) : ''), { credentials: 'same-origin' })
        .then(function (answer) { return answer.ok ? answer.json() : Promise.reject(answer.status); })
        .then(function (samples) { draw(place, samples); })
        .catch(function () { place.textContent = 'The plot could not be read: log in again, or reload the page.'; });
    });
  }
  if (document.querySelector('[data-plot]')) {
    plots();
    setInterval(plots, 10000);
  }
})();
