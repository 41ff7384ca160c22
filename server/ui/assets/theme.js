// Before anything is drawn: the theme that was chosen here, if one was.
(function () {
  try {
    const chosen = localStorage.getItem('cairn-theme');
    if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
  } catch { /* no storage: the system's theme it is */ }
})();
