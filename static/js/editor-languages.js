// Which language a file is in, by its name.

import {
  autoCloseTags,
  cssLanguage,
  dockerFile,
  htmlLanguage,
  javascriptLanguage,
  jsonLanguage,
  jsxLanguage,
  markdownLanguage,
  python,
  StreamLanguage,
  shell,
  toml,
  tsxLanguage,
  typescriptLanguage,
  xml,
  yaml,
} from "../vendor/codemirror/codemirror.min.js";
import { plain } from "./editor-plain.js";

const mode = (parser) => () => StreamLanguage.define(parser);
const words = (language) => () => StreamLanguage.define(plain(language));
const html = () => [htmlLanguage, autoCloseTags];
const LANGUAGES = [
  [/\.(?:jsx?|mjs|cjs)$/, (path) => (path.endsWith("x") ? jsxLanguage : javascriptLanguage)],
  [/\.(?:ts|mts|cts)$/, () => typescriptLanguage],
  [/\.tsx$/, () => tsxLanguage],
  [/\.(?:html?|vue|svelte|astro|jinja2?|hbs|ejs)$/, html],
  [/\.(?:css|scss|less)$/, () => cssLanguage],
  [
    /\.(?:json|jsonc|json5|webmanifest|map)$|(?:^|\/)\.(?:babel|eslint|prettier)rc$/,
    () => jsonLanguage,
  ],
  [/\.(?:md|mdx|markdown)$/, () => markdownLanguage],
  [/\.(?:py|pyi|pyw)$/, mode(python)],
  [/\.ya?ml$/, mode(yaml)],
  [/\.(?:xml|svg|xsl|xsd|rss|plist)$/, mode(xml)],
  [/\.(?:toml|ini|cfg|properties)$|(?:^|\/)(?:Pipfile|\.editorconfig)$/, mode(toml)],
  [
    /\.(?:sh|bash|zsh|env)$|(?:^|\/)(?:\.env[^/]*|\.(?:bash|z)(?:rc|_profile)|Makefile)$/,
    mode(shell),
  ],
  [/(?:^|\/)(?:Docker|Container)file[^/]*$|\.dockerfile$/, mode(dockerFile)],
  [/\.sql$/, words("sql")],
  [/\.go$/, words("go")],
  [/\.rs$/, words("rust")],
  [/\.php$/, words("php")],
  [/\.(?:rb|rake)$|(?:^|\/)(?:Gem|Rake)file$/, words("ruby")],
  [/\.(?:java|kts?|cs|scala|groovy|gradle|dart|swift)$/, words("java")],
  [/\.(?:c|h|cc|cpp|cxx|hpp|ino)$/, words("c")],
  [/\.lua$/, words("lua")],
];

/** The extension of the editor for a file; none for one that is in no language known here. */
export function languageOf(path) {
  return LANGUAGES.find(([pattern]) => pattern.test(path))?.[1](path) ?? [];
}
