"""A hook whose extension includes files in pages before all other extensions."""

from pathlib import Path

from markdown import Extension
from markdown.preprocessors import Preprocessor


class Includes(Preprocessor):
    def run(self, lines):
        done = []
        for line in lines:
            done += (Path(__file__).parent / line[2:-2]).read_text().split("\n") if line.startswith("{!") else [line]
        return done


class Adds(Extension):
    def extendMarkdown(self, md):
        md.preprocessors.register(Includes(md), "include", 101)


def on_config(config):
    config.markdown_extensions.append(Adds())
