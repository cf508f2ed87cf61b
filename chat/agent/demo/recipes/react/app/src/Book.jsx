export default function Book({ book, states, onChange, onRemove }) {
  return (
    <li className={book.state}>
      <span className="spine" aria-hidden="true" />
      <div className="grow">
        <h2>{book.title}</h2>
        <p className="quiet">{book.author || "Author unknown"}</p>
      </div>
      <select value={book.state} aria-label={`State of ${book.title}`} onChange={(event) => onChange(book.id, event.target.value)}>
        {["wanted", "reading", "read"].map((state) => <option key={state} value={state}>{states[state]}</option>)}
      </select>
      <button type="button" className="plain danger" aria-label={`Remove ${book.title}`} onClick={onRemove}>✕</button>
    </li>
  );
}
