// Says that the ticket has gone on since this page was made; the reader decides when to look.
const ticket = document.getElementById("ticket");
const news = document.getElementById("news");
if (ticket && news) {
  const source = new EventSource(ticket.dataset.news);
  source.addEventListener("version", () => {
    source.close();
    news.querySelector("a").hidden = false;
  });
  // A page that is left behind must not hold a connection.
  addEventListener("pagehide", () => source.close());
}
