import { useEffect, useState } from "react";
import Book from "./Book.jsx";

const FIRST = [
  { id: 1, title: "The Summer Book", author: "Tove Jansson", state: "reading" },
  { id: 2, title: "Piranesi", author: "Susanna Clarke", state: "wanted" },
  { id: 3, title: "The Dispossessed", author: "Ursula K. Le Guin", state: "read" },
];
const FILTERS = { all: "All", wanted: "Want to read", reading: "Reading", read: "Read" };

export default function App() {
  const [books, setBooks] = useState(() => JSON.parse(localStorage.getItem("books")) ?? FIRST);
  const [filter, setFilter] = useState("all");
  useEffect(() => localStorage.setItem("books", JSON.stringify(books)), [books]);

  const shown = books.filter((book) => filter === "all" || book.state === filter);
  const change = (id, state) => setBooks(books.map((book) => (book.id === id ? { ...book, state } : book)));

  function add(event) {
    event.preventDefault();
    const { title, author } = Object.fromEntries(new FormData(event.target));
    if (!title.trim()) return;
    setBooks([{ id: Date.now(), title: title.trim(), author: author.trim(), state: "wanted" }, ...books]);
    event.target.reset();
  }

  return (
    <main className="shell">
      <h1>{{heading}}</h1>
      <p className="lead">{books.filter((book) => book.state === "read").length} of {books.length} read.</p>
      <form className="card add" onSubmit={add}>
        <input name="title" placeholder="Title" aria-label="Title" required maxLength="120" />
        <input name="author" placeholder="Author" aria-label="Author" maxLength="80" />
        <button className="primary">Add</button>
      </form>
      <div className="filters" role="group" aria-label="Which books">
        {Object.entries(FILTERS).map(([name, text]) => (
          <button key={name} type="button" aria-pressed={filter === name} onClick={() => setFilter(name)}>{text}</button>
        ))}
      </div>
      <ul className="books">
        {shown.map((book) => (
          <Book key={book.id} book={book} states={FILTERS} onChange={change} onRemove={() => setBooks(books.filter((one) => one !== book))} />
        ))}
      </ul>
      {!shown.length && <p className="quiet">Nothing here yet.</p>}
    </main>
  );
}
