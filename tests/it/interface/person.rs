//! A person in front of the app, who presses what can be seen: controls are found by what they are and say, through what egui
//! tells screen readers, and pressed where they are drawn, so that what lies over them would be pressed instead.

use std::time::Duration;

use bevy::input::keyboard::{Key, KeyboardInput, NativeKeyCode};
use bevy::input::{ButtonState, keyboard::KeyCode};
use bevy::prelude::*;
use bevy::time::TimeUpdateStrategy;
use bevy_egui::input::{EguiInputEvent, FocusedNonWindowEguiContext};
use bevy_egui::{EguiContext, EguiOutput, egui};
use egui::accesskit::{Node, Role};
use egui::{Event, Modifiers, PointerButton, Pos2, Rect};
use steepest::app::Verbosity;
use steepest::app::offscreen::{Offscreen, Scene};
use steepest::experiment::{Experiment, Source};
use steepest::lab::session::edit::Edit;
use steepest::lab::{CurrentExperiment, Data, EditHistory, Playback, Sent};
use steepest::mnist::DataWish;
use steepest::record::still::Picture;
use steepest::ui::Layout;

use super::words::{self, Painted, Word};
use crate::pictures::adapter;

/// So long a frame is on the clock that the app sees.
const FRAME: Duration = Duration::from_millis(50);
/// Frames until a press has been seen, obeyed and drawn.
const OBEYED: usize = 3;

pub(super) struct Person {
    app: Offscreen,
    /// Where input goes.
    context: Entity,
}

/// A control, or words.
#[derive(Debug, Clone)]
pub(super) struct Widget {
    pub(super) role: Role,
    /// A control's label, a text's words, or the value of a control without a label.
    pub(super) text: String,
    pub(super) number: Option<f64>,
    pub(super) largest: Option<f64>,
    pub(super) enabled: bool,
    pub(super) rect: Rect,
}

impl Widget {
    fn new(node: &Node) -> Option<Widget> {
        let bounds = node.bounds()?;
        let corner = |x: f64, y: f64| Pos2::new(x as f32, y as f32);
        Some(Widget {
            role: node.role(),
            text: node.label().or(node.value()).unwrap_or_default().to_owned(),
            number: node.numeric_value(),
            largest: node.max_numeric_value(),
            enabled: !node.is_disabled(),
            rect: Rect::from_min_max(corner(bounds.x0, bounds.y0), corner(bounds.x1, bounds.y1)),
        })
    }
}

impl Person {
    /// Sits down, or not where nothing can be drawn.
    pub(super) fn with(experiment: &str, size: [u32; 2], scale: u32) -> Option<Person> {
        let shown = Experiment::load(experiment).expect("a built-in");
        Person::before(experiment, shown, size, scale)
    }

    /// Sits down before an experiment from elsewhere.
    pub(super) fn before(
        source: &str,
        experiment: Experiment,
        size: [u32; 2],
        scale: u32,
    ) -> Option<Person> {
        let adapter = adapter()?;
        let wish = DataWish::Synthetic;
        let data = experiment.data(&wish).expect("the stand-in");
        let scene = Scene {
            source: Source::named(source),
            experiment,
            data: Data::new(wish, data),
            size,
            scale,
            samples: 1,
            layout: Layout::FULL,
            transparent: false,
            captured: false,
        };
        let mut app = Offscreen::new(scene, adapter, Verbosity::Quiet);
        let world = app.world();
        words::collect(world);
        let mut contexts = world.query::<(Entity, &mut EguiContext)>();
        app.update();
        let (context, mut egui) = contexts.single_mut(app.world()).expect("one context");
        egui.get_mut().enable_accesskit();
        app.world()
            .insert_resource(FocusedNonWindowEguiContext(context));
        app.settle().expect("a picture");
        app.world()
            .insert_resource(TimeUpdateStrategy::ManualDuration(FRAME));
        Some(Person { app, context })
    }

    pub(super) fn wait(&mut self, frames: usize) {
        for _ in 0..frames {
            self.app.update();
        }
    }

    /// Thinks, for so long that what is done next is a change of its own.
    pub(super) fn pause(&mut self) {
        self.wait(16);
    }

    /// Has the experiment changed by other means than controls.
    pub(super) fn edit(&mut self, change: impl FnOnce(&mut Experiment)) {
        let edit = Edit::of(self.app.world(), change);
        self.app.world().write_message(Sent::from(edit));
        self.wait(OBEYED);
    }

    pub(super) fn read<R: Resource>(&mut self) -> &R {
        self.app.world().resource::<R>()
    }

    /// Something of every component of a kind.
    pub(super) fn each<C: Component, T>(&mut self, look: impl Fn(&C) -> T) -> Vec<T> {
        let world = self.app.world();
        let mut all = world.query::<&C>();
        all.iter(world).map(look).collect()
    }

    pub(super) fn shown(&mut self) -> &Experiment {
        &self.read::<CurrentExperiment>().experiment
    }

    pub(super) fn playback(&mut self) -> Playback {
        self.read::<Playback>().clone()
    }

    /// Whether there is something to undo, and to redo.
    pub(super) fn history(&mut self) -> (bool, bool) {
        let history = self.read::<EditHistory>();
        (history.can_undo(), history.can_redo())
    }

    pub(super) fn picture(&mut self) -> Picture {
        self.app.capture().expect("a picture")
    }

    /// All that the interface has said of itself in the last frame.
    pub(super) fn widgets(&mut self) -> Vec<Widget> {
        let output = self.app.world().get::<EguiOutput>(self.context);
        let tree = output.and_then(|output| output.platform_output.accesskit_update.as_ref());
        let nodes = &tree.expect("egui says what it draws").nodes;
        nodes
            .iter()
            .filter_map(|(_, node)| Widget::new(node))
            .collect()
    }

    /// All words that were painted in the last frame, from the lowest to the uppermost.
    pub(super) fn words(&mut self) -> &[Word] {
        &self.read::<Painted>().0
    }

    /// The controls of one kind that fit.
    fn found(&mut self, role: Role, fits: impl Fn(&Widget) -> bool) -> Vec<Widget> {
        let mut found = self.widgets();
        found.retain(|widget| widget.role == role && fits(widget));
        found.sort_by(|a, b| a.rect.min.y.total_cmp(&b.rect.min.y));
        found
    }

    pub(super) fn all(&mut self, role: Role, text: &str) -> Vec<Widget> {
        self.found(role, |widget| widget.text == text)
    }

    /// Whether there is such a control.
    pub(super) fn sees(&mut self, role: Role, text: &str) -> bool {
        !self.all(role, text).is_empty()
    }

    /// The only control of this kind with this text.
    pub(super) fn find(&mut self, role: Role, text: &str) -> Widget {
        let found = self.all(role, text);
        assert_eq!(found.len(), 1, "{role:?} `{text}`: {found:?}");
        found[0].clone()
    }

    /// The uppermost of several.
    pub(super) fn find_first(&mut self, role: Role, text: &str) -> Widget {
        let mut found = self.all(role, text);
        assert!(!found.is_empty(), "there is no {role:?} `{text}`");
        found.remove(0)
    }

    /// The controls of this kind in a text's row, from the left.
    pub(super) fn all_beside(&mut self, role: Role, label: &str) -> Vec<Widget> {
        let row = self.find_first(Role::Label, label).rect;
        let mut found = self.found(role, |widget| {
            widget.rect.y_range().contains(row.center().y) && widget.rect.max.x < 420.0
        });
        found.sort_by(|a, b| a.rect.min.x.total_cmp(&b.rect.min.x));
        found
    }

    /// The only control of this kind in a text's row.
    pub(super) fn beside(&mut self, role: Role, label: &str) -> Widget {
        let found = self.all_beside(role, label);
        assert_eq!(found.len(), 1, "{role:?} beside `{label}`: {found:?}");
        found[0].clone()
    }

    /// The timeline's slider.
    pub(super) fn scrubber(&mut self) -> Widget {
        let last = self.playback().last_step() as f64;
        let mut found = self.found(Role::Slider, |widget| widget.largest == Some(last));
        found.pop().expect("the timeline is the lowest")
    }

    pub(super) fn tell(&mut self, event: Event) {
        let context = self.context;
        self.app
            .world()
            .write_message(EguiInputEvent { context, event });
        self.app.update();
    }

    fn button(&mut self, pos: Pos2, pressed: bool) {
        self.tell(Event::PointerButton {
            pos,
            button: PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        });
    }

    pub(super) fn click_at(&mut self, at: Pos2) {
        self.tell(Event::PointerMoved(at));
        self.button(at, true);
        self.button(at, false);
        self.wait(OBEYED);
    }

    pub(super) fn click_on(&mut self, widget: &Widget) {
        assert!(widget.enabled, "{widget:?}");
        self.click_at(widget.rect.center());
    }

    pub(super) fn click(&mut self, text: &str) {
        let button = self.find(Role::Button, text);
        self.click_on(&button);
    }

    pub(super) fn press_checkbox(&mut self, text: &str) {
        let checkbox = self.find(Role::CheckBox, text);
        self.click_on(&checkbox);
    }

    /// Opens a list, the uppermost in which something is chosen, and chooses something else.
    pub(super) fn choose(&mut self, chosen: &str, other: &str) {
        let list = self.find_first(Role::ComboBox, chosen);
        self.click_on(&list);
        self.click(other);
    }

    /// Drags in so many frames.
    pub(super) fn drag(&mut self, from: Pos2, to: Pos2, frames: u8) {
        self.tell(Event::PointerMoved(from));
        self.button(from, true);
        for frame in 1..=frames {
            let way = f32::from(frame) / f32::from(frames);
            self.tell(Event::PointerMoved(from.lerp(to, way)));
        }
        self.button(to, false);
        self.wait(OBEYED);
    }

    /// Drags, and thinks on the way.
    pub(super) fn drag_slowly(&mut self, from: Pos2, to: Pos2) {
        self.tell(Event::PointerMoved(from));
        self.button(from, true);
        for way in [0.3, 0.6, 1.0] {
            self.tell(Event::PointerMoved(from.lerp(to, way)));
            self.pause();
        }
        self.button(to, false);
        self.wait(OBEYED);
    }

    /// As the window system reports it: to the app's own keys and to egui.
    fn key(&mut self, key_code: KeyCode, logical_key: &Key, state: ButtonState) {
        let text = match logical_key {
            Key::Character(text) => Some(text.clone()),
            _ => None,
        };
        self.app.world().write_message(KeyboardInput {
            key_code,
            logical_key: logical_key.clone(),
            state,
            text,
            repeat: false,
            window: Entity::PLACEHOLDER,
        });
        self.app.update();
    }

    /// Presses keys together and lets go of them.
    pub(super) fn press(&mut self, keys: &[(KeyCode, Key)]) {
        for (code, key) in keys {
            self.key(*code, key, ButtonState::Pressed);
        }
        for (code, key) in keys.iter().rev() {
            self.key(*code, key, ButtonState::Released);
        }
        self.wait(OBEYED);
    }

    /// Clicks on a number, and types another one.
    pub(super) fn type_into(&mut self, field: &Widget, text: &str) {
        self.begin_to_type(field, text);
        self.press(&[(KeyCode::Enter, Key::Enter)]);
    }

    /// The same, without leaving the field.
    pub(super) fn begin_to_type(&mut self, field: &Widget, text: &str) {
        self.click_on(field);
        for character in text.chars() {
            self.pause();
            let code = KeyCode::Unidentified(NativeKeyCode::Unidentified);
            self.press(&[(code, Key::Character(character.to_string().into()))]);
        }
    }

    /// Clicks within one frame, as one does where frames take long.
    pub(super) fn click_quickly_on(&mut self, widget: &Widget) {
        assert!(widget.enabled, "{widget:?}");
        let (context, pos) = (self.context, widget.rect.center());
        let button = |pressed: bool| Event::PointerButton {
            pos,
            button: PointerButton::Primary,
            pressed,
            modifiers: Modifiers::NONE,
        };
        for event in [Event::PointerMoved(pos), button(true), button(false)] {
            let world = self.app.world();
            world.write_message(EguiInputEvent { context, event });
        }
        self.wait(OBEYED);
    }
}
