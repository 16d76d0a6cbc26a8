# roadseg: the habits of the house. `make help` lists them.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
export PATH := $(abspath $(BIN)):$(PATH)
export NO_ALBUMENTATIONS_UPDATE := 1
export HF_HUB_OFFLINE := 1
# chapters whose saved outputs come from the real pictures
REAL := nbs/08_pretrained.ipynb nbs/09_benchmark.ipynb nbs/90_massachusetts.ipynb nbs/91_road_map.ipynb

.PHONY: help install demo bench test test-slow check export outputs outputs-real stamp readme lint clean

help:           ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## */  make \1\t/' | expand -t 22

install: $(VENV)/.installed  ## a virtual environment in .venv with the package and what its notebooks need

# Albumentations brings the headless OpenCV, the package asks for the contrib build; both write into one folder and the
# last one wins. They must be of one version, but one of them is sometimes released weeks before the other: the lower of
# the two versions that pip chose is taken for both. The contrib build links libGL, which slim machines lack, so the
# headless one goes in last.
LOWER_OPENCV = from importlib.metadata import version; \
  print(min(map(version, ("opencv-contrib-python", "opencv-python-headless")), key=lambda text: [int(part) for part in text.split(".")]))
$(VENV)/.installed: settings.ini setup.py
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable ".[dev]"
	version=$$($(BIN)/python -c '$(LOWER_OPENCV)') && \
	$(BIN)/python -m pip install --quiet --no-deps "opencv-contrib-python==$$version" && \
	$(BIN)/python -m pip install --quiet --force-reinstall --no-deps "opencv-python-headless==$$version"
	touch $@

demo: install   ## draw scenes, train on them, evaluate, predict: everything lands in ./demo
	$(BIN)/roadseg demo --out demo --overwrite

bench: install  ## the reference beside our recipe, the same seconds each: tables and a plot in ./bench; ARGS=--full on a GPU
	$(BIN)/python tools/bench.py $(ARGS)

test: install   ## every chapter as a test, then export, notebooks, README and badges in step
	OMP_NUM_THREADS=1 timeout 1800 $(BIN)/nbdev_test --n_workers 2 --timing
	$(BIN)/python tools/check_house.py

test-slow: install  ## what takes longer: kills, wheels, two processes, big rasters
	timeout 3600 $(BIN)/python tools/test_slow.py

check: install  ## only the checks on the house itself
	$(BIN)/python tools/check_house.py

export: install ## notebooks to package, notebooks clean
	$(BIN)/nbdev_clean
	rm -f roadseg/*.py
	$(BIN)/nbdev_export

outputs: install  ## run the chapters on drawn scenes and save what they print and draw
	$(BIN)/python tools/run_notebooks.py $(filter-out $(REAL),$(wildcard nbs/[0-9]*.ipynb))
	$(BIN)/nbdev_clean

outputs-real: install  ## the same for those that show real pictures: ROADSEG_DATA, ROADSEG_RUN and ROADSEG_RUN_OURS name folders
	test -d "$$ROADSEG_DATA" && $(BIN)/python tools/run_notebooks.py --timeout 100000 $(REAL)
	$(BIN)/nbdev_clean

stamp: install  ## Colab badges and install cells from settings.ini
	$(BIN)/python tools/stamp_notebooks.py

readme: install ## README.md from nbs/index.ipynb
	$(BIN)/python tools/make_readme.py

lint: install   ## ruff over the package and the tools
	$(BIN)/ruff check roadseg tools

clean:          ## remove what these commands made, except .venv
	rm -rf demo bench _proc _docs build dist *.egg-info .ruff_cache
