"""Three small apps to point at, and ten elements of each: how it is found on the page, and the file
and the words whose line is the right one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class App:
    name: str
    start: str
    files: dict[str, str]
    elements: list[tuple[str, str, str]]

    def line(self, path: str, words: str) -> int:
        """Of the words, which stand there once."""
        assert self.files[path].count(words) == 1, words
        return self.files[path][: self.files[path].index(words)].count("\n") + 1


STATIC = App(
    "static",
    "exec python3 -m http.server 3000",
    {
        "index.html": """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Garden</title></head>
<body>
  <header><h1>Green Thumb</h1>
    <nav><a href="/">Home</a> <a href="/about.html">About</a></nav></header>
  <main>
    <section class="hero">
      <h2>Plants that stay alive</h2>
      <p>Order today, water tomorrow.</p>
      <button id="order" class="primary">Order now</button>
    </section>
    <ul class="cards">
      <li class="card"><h3>Fern</h3><p>Likes shade.</p>
        <button>Buy</button></li>
      <li class="card"><h3>Palm</h3><p>Likes sun.</p>
        <button class="buy">Buy</button></li>
    </ul>
    <img src="fern.svg" alt="A fern" width="60" height="60">
    <form><label for="mail">Your address</label>
      <input id="mail" name="mail" placeholder="you@example.com"></form>
  </main>
  <footer><small>Made with care</small></footer>
</body>
</html>
""",
        "about.html": """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>About</title></head>
<body><header><h1>Green Thumb</h1></header>
<main><h2>Who we are</h2><p>Two people and a shed.</p></main></body>
</html>
""",
        "fern.svg": "<svg xmlns='http://www.w3.org/2000/svg'><circle r='5'/></svg>",
    },
    [
        ("h1", "index.html", "<h1>"),
        ("nav a >> nth=1", "index.html", '<a href="/about.html">'),
        ("section h2", "index.html", "<h2>Plants"),
        ("#order", "index.html", '<button id="order"'),
        (".card >> nth=0 >> button", "index.html", "<button>Buy"),
        (".card >> nth=1 >> button", "index.html", '<button class="buy">'),
        (".card >> nth=1 >> p", "index.html", "<p>Likes sun."),
        ("img", "index.html", "<img"),
        ("input", "index.html", "<input"),
        ("small", "index.html", "<small>"),
    ],
)

FLASK = App(
    "flask",
    "pip install -q flask && exec python3 app.py",
    {
        "app.py": """from flask import Flask, render_template

app = Flask(__name__)
TASKS = [{"title": "Water the fern", "days": 2}, {"title": "Feed the palm", "days": 9}]


@app.get("/")
def home():
    return render_template("home.html", tasks=TASKS, name="Ada")


app.run(port=3000)
""",
        "templates/base.html": """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{% block title %}{% endblock %}</title></head>
<body class="{% block kind %}{% endblock %}">
  <nav class="bar">
    <a class="brand" href="{{ url_for("home") }}">Garden diary</a>
    {% if name %}<span class="who">Hello {{ name }}, welcome</span>{% endif %}
  </nav>
  <main>{% block content %}{% endblock %}</main>
  <footer>&copy; {{ 2026 }} the gardeners</footer>
</body>
</html>
""",
        "templates/home.html": """{% extends "base.html" %}
{% from "fields.html" import field %}
{% block title %}Home{% endblock %}
{% block content %}
<h1>To do</h1>
<table>
  <thead><tr><th>What</th><th>Days</th></tr></thead>
  <tbody>
  {% for task in tasks %}
    <tr class="row {% if task.days > 5 %}late{% endif %}">
      <td class="title">{{ task.title }}</td>
      <td>{{ task.days }}</td>
    </tr>
  {% else %}
    <tr><td colspan="2">Nothing to do</td></tr>
  {% endfor %}
  </tbody>
</table>
<form method="post" action="/add">
  {{ field("title", "What is to be done?") }}
  <button type="submit">Add it</button>
</form>
<p>
  {{ tasks | length }} things wait for you.
</p>
{% endblock %}
""",
        "templates/fields.html": """{% macro field(name, label) %}
<label class="field">{{ label }}
  <input name="{{ name }}" placeholder="{{ label }}">
</label>
{% endmacro %}
""",
    },
    [
        ("a.brand", "templates/base.html", '<a class="brand"'),
        ("span.who", "templates/base.html", '<span class="who">'),
        ("footer", "templates/base.html", "<footer>"),
        ("h1", "templates/home.html", "<h1>"),
        ("th >> nth=1", "templates/home.html", "<th>Days"),
        ("td.title >> nth=1", "templates/home.html", '<td class="title">'),
        ("tbody tr >> nth=0 >> td >> nth=1", "templates/home.html", "<td>{{ task.days"),
        ("input", "templates/fields.html", "<input"),
        ("form > button", "templates/home.html", "<button type"),
        ("main > p", "templates/home.html", "<p>\n"),
    ],
)

REACT = App(
    "react",
    "npm install --silent --no-audit --no-fund react react-dom vite @vitejs/plugin-react && "
    "exec npx vite --port 3000",
    {
        "package.json": '{"type": "module"}',
        "vite.config.js": """import react from "@vitejs/plugin-react";
export default { plugins: [react()] };
""",
        "index.html": """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Shop</title></head>
<body><div id="root"></div><script type="module" src="/src/main.jsx"></script></body>
</html>
""",
        "src/main.jsx": """import { createRoot } from "react-dom/client";
import App from "./App";

createRoot(document.getElementById("root")).render(<App />);
""",
        "src/App.jsx": """import { useState } from "react";
import Card from "./Card";
import { Button } from "./ui/Button";

const things = [
  { name: "Fern", price: 12 },
  { name: "Palm", price: 30 },
];

export default function App() {
  const [count, setCount] = useState(0);
  return (
    <main className="shop">
      <h1>Green shop</h1>
      <p className="lead">
        {count} in the <b>basket</b>
      </p>
      <div className="cards">
        {things.map((thing) => (
          <Card key={thing.name} {...thing}>
            <Button onClick={() => setCount(count + 1)}>Take it</Button>
          </Card>
        ))}
      </div>
      {count > 99 ? <em>Enough</em> : <em>Room for more</em>}
      <footer>
        <a href="/terms">Terms</a>
        <img src="/logo.svg" alt="Our mark" width="40" height="40" />
      </footer>
    </main>
  );
}
""",
        "src/Card.jsx": """export default function Card({ name, price, children }) {
  return (
    <section className="card" style={{ padding: 12 }}>
      <h2>{name}</h2>
      <span className={price > 20 ? "dear" : "cheap"}>{price} €</span>
      {children}
    </section>
  );
}
""",
        "src/ui/Button.jsx": """export function Button({ children, ...rest }) {
  return (
    <button className="button" {...rest}>
      {children}
    </button>
  );
}
""",
    },
    [
        ("h1", "src/App.jsx", "<h1>"),
        ("p.lead", "src/App.jsx", '<p className="lead"'),
        ("b", "src/App.jsx", "<b>"),
        ("em", "src/App.jsx", "<em>Room"),
        ("footer a", "src/App.jsx", '<a href="/terms"'),
        ("footer img", "src/App.jsx", "<img"),
        ("section >> nth=1", "src/Card.jsx", "<section"),
        ("h2 >> nth=0", "src/Card.jsx", "<h2>"),
        ("span.dear", "src/Card.jsx", "<span"),
        ("button >> nth=1", "src/ui/Button.jsx", "<button"),
    ],
)
APPS = [STATIC, FLASK, REACT]
