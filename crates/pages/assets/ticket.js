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

// A picture that cannot be drawn leaves the sign under it. It may have failed before this ran.
for (const picture of document.querySelectorAll(".tile-face img")) {
  const failed = () => picture.remove();
  if (picture.complete && picture.naturalWidth === 0) failed();
  else picture.addEventListener("error", failed);
}
