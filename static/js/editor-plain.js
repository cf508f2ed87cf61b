// Colours for languages whose grammars would be too heavy: comments, strings, numbers and keywords.

const C_LIKE = "if else for while do switch case default break continue return true false null";
const CLASSES =
  "class interface enum extends implements public private protected static final abstract new this super try catch finally throw import package void int long double float boolean byte char short";
const WORDS = {
  c: `${C_LIKE} struct union enum typedef static const extern void int long short char float double unsigned signed sizeof goto class public private protected namespace using template typename virtual new delete this auto nullptr bool operator include define`,
  java: `${C_LIKE} ${CLASSES} instanceof var record sealed permits fun val when object data override is in namespace using string bool decimal async await foreach get set out ref throws`,
  go: "break case chan const continue default defer else fallthrough for func go goto if import interface map package range return select struct switch type var nil true false string int int64 float64 bool byte rune error any",
  rust: "as async await break const continue crate dyn else enum extern false fn for if impl in let loop match mod move mut pub ref return self Self static struct super trait true type unsafe use where while str bool u8 u16 u32 u64 usize i8 i16 i32 i64 isize f32 f64 String Vec Option Result",
  php: `${C_LIKE} ${CLASSES} function echo print foreach as use namespace trait const global isset unset array fn match yield require require_once include include_once elseif endif endforeach instanceof and or not`,
  ruby: "def end if elsif else unless while until for in do begin rescue ensure raise return yield class module self nil true false and or not then case when require require_relative include attr_reader attr_writer attr_accessor puts",
  sql: "select from where and or not insert into values update set delete create table drop alter add column primary key foreign references index view join left right inner outer full on as group by order having limit offset union all distinct case when then else end null is in like between exists default unique check constraint begin commit rollback with recursive returning integer text varchar boolean timestamp date numeric real serial true false if cascade using trigger",
  lua: "and break do else elseif end false for function goto if in local nil not or repeat return then true until while",
};

const slashes = { line: /^\/\//, open: "/*", close: "*/", token: "//" };
const COMMENTS = {
  php: { ...slashes, line: /^(?:\/\/|#)/ },
  ruby: { line: /^#/, token: "#" },
  sql: { ...slashes, line: /^--/, token: "--" },
  lua: { line: /^--/, token: "--" },
};

/** A stream parser of `language`: one of the names of WORDS. */
export function plain(language) {
  const words = new Set(WORDS[language].split(" "));
  const comment = COMMENTS[language] ?? slashes;
  const fold = language === "sql" ? (word) => word.toLowerCase() : (word) => word;
  return {
    name: language,
    startState: () => ({ within: "" }),
    token(stream, state) {
      if (state.within) return through(stream, state);
      if (stream.eatSpace()) return null;
      if (stream.match(comment.line)) {
        stream.skipToEnd();
        return "comment";
      }
      if (comment.open && stream.match(comment.open)) {
        state.within = comment.close;
        return through(stream, state);
      }
      // What opens no string in Rust is a lifetime.
      if (language === "rust" && stream.match(/^'\w+(?!')/)) return "atom";
      const quote = stream.match(/^["'`]/);
      if (quote) return string(stream, quote[0]);
      if (stream.match(/^\d[\w.]*/)) return "number";
      const word = stream.match(/^[$@]?[A-Za-z_][\w]*/);
      if (!word) {
        stream.next();
        return null;
      }
      if (words.has(fold(word[0]))) return "keyword";
      if (word[0].startsWith("$") || word[0].startsWith("@")) return "variableName.special";
      return stream.peek() === "(" ? "variableName.function" : "variableName";
    },
    languageData: {
      commentTokens: {
        line: comment.token,
        ...(comment.open && { block: { open: comment.open, close: comment.close } }),
      },
    },
  };
}

function through(stream, state) {
  if (stream.skipTo(state.within)) {
    stream.match(state.within);
    state.within = "";
  } else stream.skipToEnd();
  return "comment";
}

function string(stream, quote) {
  for (let escaped = false; !stream.eol(); ) {
    const sign = stream.next();
    if (sign === quote && !escaped) break;
    escaped = sign === "\\" && !escaped;
  }
  return "string";
}
