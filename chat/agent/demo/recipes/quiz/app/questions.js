// The first answer is the right one; they are shuffled when shown.
const QUESTIONS = [
  { ask: "Which planet has the shortest day?", answers: ["Jupiter", "Earth", "Mars", "Venus"], why: "Jupiter turns once in just under ten hours." },
  { ask: "What does HTTP status 404 say?", answers: ["Not found", "Forbidden", "Server error", "Moved"], why: "The server understood, but has nothing at that address." },
  { ask: "Which is the largest ocean?", answers: ["The Pacific", "The Atlantic", "The Indian Ocean", "The Arctic Ocean"], why: "The Pacific is larger than all land together." },
  { ask: "How many strings has a violin?", answers: ["Four", "Five", "Six", "Three"], why: "Tuned to G, D, A and E." },
  { ask: "Which gas do plants take from the air to grow?", answers: ["Carbon dioxide", "Oxygen", "Nitrogen", "Hydrogen"], why: "With light and water they make sugar of it." },
  { ask: "Who wrote the first published algorithm for a machine?", answers: ["Ada Lovelace", "Alan Turing", "Grace Hopper", "Charles Babbage"], why: "In 1843, in her notes on the Analytical Engine." },
  { ask: "Which of these is a prime number?", answers: ["97", "91", "87", "51"], why: "91 is 7 × 13, 87 is 3 × 29, 51 is 3 × 17." },
  { ask: "What does a barometer measure?", answers: ["Air pressure", "Humidity", "Wind speed", "Rainfall"], why: "When it falls quickly, bad weather is near." },
];
