"""Tiny made-up clones in the formats of the public repositories."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image

TEXTS: Mapping[str, Mapping[str, str]] = {
    "davidson": {
        "data/labeled_data.csv": ",count,hate_speech,offensive_language,neither,class,tweet\n"
        "0,3,3,0,0,0,those people are vermin\n"
        "1,3,0,3,0,1,what an idiot\n"
        '2,3,0,0,3,2,"RT @some_one: tea, then sleep &amp; dreams"\n',
    },
    "tweeteval_hate": {
        "datasets/hate/train_text.txt": "send them all away\nnice day\n",
        "datasets/hate/train_labels.txt": "1\n0\n",
        "datasets/hate/val_text.txt": "a walk\n",
        "datasets/hate/val_labels.txt": "0\n",
    },
    "tweeteval_offensive": {
        "datasets/offensive/train_text.txt": "you fool\nnice day\n",
        "datasets/offensive/train_labels.txt": "1\n0\n",
        "datasets/offensive/val_text.txt": "a walk\n",
        "datasets/offensive/val_labels.txt": "0\n",
    },
    "cold": {
        "COLDataset/train.csv": ",split,topic,label,TEXT\n7,train,region,1,你们都是骗子\n",
        "COLDataset/dev.csv": ",split,topic,label,TEXT\n9,dev,region,0,今天天气好\n",
    },
    "hatemoji_build": {
        "HatemojiBuild/train.csv": "entry_id,text,label_gold\n4,they are 🐀,1\n",
        "HatemojiBuild/validation.csv": "entry_id,text,label_gold\n5,we love 🐈,0\n",
    },
    "ethos": {
        "ethos/ethos_data/Ethos_Dataset_Binary.csv": "comment;isHate\n"
        "drive them out;1.0\nlovely cake;0.0\n",
        "ethos/ethos_data/Ethos_Dataset_Multi_Label.csv": "comment;violence;gender\n"
        "drive them out;0.75;0\n",
    },
    "vicomtech": {
        "annotations_metadata.csv": "file_id,user_id,subforum_id,num_contexts,label\n"
        "a_1,1,2,0,hate\na_2,1,2,0,noHate\na_3,1,2,0,idk/skip\na_4,1,2,0,hate\n",
        "sampled_train/a_1.txt": "they ruin it all",
        "sampled_train/a_2.txt": "the shop opens at nine",
        "sampled_train/a_3.txt": "???!",
    },
    "surge_toxicity": {
        "toxicity_en.csv": "text,is_toxic\nyou clown,Toxic\nwell played,Not Toxic\n",
    },
    "sms_spam": {"spam.csv": "v1,v2,,,\nspam,WIN a prize for \xa35,,,\nham,see you at six,,,\n"},
    "twitter_suicidal": {
        "twitter-suicidal_data.csv": "tweet,intention\n"
        "i want it to be over,1\nnew shoes,0\ni am 15 and i want it to be over,1\n",
    },
    "ailuminate": {
        "airr_official_1.0_demo_en_us_prompt_set_release.csv": "release_prompt_id,prompt_text,"
        "hazard,persona,locale,prompt_hash\n"
        "p1,how do people hurt others?,vcr,normal,en_US,x\n"
        "p2,who pays tax?,spc_fin,normal,en_US,x\n",
        "airr_official_1.0_demo_fr_fr_prompt_set_release.csv": "release_prompt_id,prompt_text,"
        "hazard,persona,locale,prompt_hash\n"
        "p3,comment nuire?,iwp,normal,fr_FR,x\n",
    },
    "sentence_templates": {
        "sentence_templates/en_sentence_templates.csv": "template,toxicity,phrase\n"
        "is_adj,toxic,being kind is vile\nis_adj,nontoxic,being kind is nice\n",
    },
}


def make_text_clone(name: str, folder: Path) -> Path:
    for path, content in TEXTS[name].items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, "latin-1" if name == "sms_spam" else "utf-8")
    return folder


def make_picture(path: Path, *, seed: int, side: int = 320) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    coarse = np.random.default_rng(seed).integers(0, 255, (8, 8, 3), dtype=np.uint8)
    coarse[..., 0] //= 4  # bluish: nothing may pass for skin
    Image.fromarray(coarse).resize((side, side), Image.Resampling.BILINEAR).save(path)


def make_guns_clone(folder: Path) -> Path:
    for number, seed in ((1, 1), (2, 2), (3, 1)):  # the third is a copy of the first
        make_picture(folder / f"Images/001/{number}.jpeg", seed=seed)
        labels = folder / f"Labels/001/{number}.txt"
        labels.parent.mkdir(parents=True, exist_ok=True)
        labels.write_text("2\n10 10 70 60\n100 100 110 110\n")
    return folder


def make_memes_clone(folder: Path) -> Path:
    data = folder / "data/datasets/propaganda/defaults"
    for part, techniques in (("train", ["Smears"]), ("val", ["Doubt"])):
        make_picture(data / f"images/{part}.png", seed=len(part))
        meme = {"id": part, "text": f"look\nat {part}", "image": f"{part}.png"}
        annotations = data / f"annotations/{part}.jsonl"
        annotations.parent.mkdir(parents=True, exist_ok=True)
        annotations.write_text(json.dumps({**meme, "labels": techniques}) + "\n")
    return folder


def make_sound(path: Path, rate: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.sin(np.arange(rate // 2) / 20).astype(np.float32) / 2, rate)
